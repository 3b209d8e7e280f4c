import { z } from 'zod';
import { error } from '../../rest/method.ts';
import { defineMethod } from '../app.ts';

const errors = { ACCESS_DENIED: error('ACCESS_DENIED', 403, 'Access denied! Link check failed') };

/** What is called by addresses that other answers give; whatever comes here has none that is signed. */
const byAddress = (name: string, summary: string) =>
  defineMethod({ name, scope: null, summary, params: {}, result: z.never(), errors, run: async ({ fail }) => fail('ACCESS_DENIED') });

export const linkMethods = [
  byAddress('download', 'Gives a file, at the addresses that other methods give for it; called in any other way it fails'),
  byAddress('upload', 'Takes a file, at the address that disk.folder.uploadFile gives for it; called in any other way it fails'),
];
