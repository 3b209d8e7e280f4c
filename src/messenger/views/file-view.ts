import { z } from 'zod';
import type { Zone } from '../../base/dates.ts';
import type { DiskObject } from '../../db/stores/disk-store.ts';
import { atom, int } from './scalars.ts';

/** A file of a chat, as the pages of the file methods show it: the names are the same everywhere. */
export const fileShape = z.strictObject({
  id: int.describe('Number of the file'),
  chatId: int.describe('Number of the chat'),
  date: atom.describe('When it was uploaded'),
  type: z.enum(['image', 'video', 'audio', 'file']).describe('What it is, by its content'),
  name: z.string().describe('Name with its extension'),
  extension: z.string().describe('Extension of the name, in lower case; empty without one'),
  size: int.describe('Bytes'),
  image: z.union([z.strictObject({ height: int, width: int }), z.literal(false)]).describe('Pixels of a picture; false for others'),
  status: z.literal('done').describe('Files are shown once they are there'),
  progress: z.literal(100).describe('The same in percent'),
  authorId: int.describe('Number of the user who uploaded it'),
  authorName: z.string().describe('Name of that user'),
  urlPreview: z.string().describe('Address of a small picture; empty for what is no picture'),
  urlShow: z.string().describe('Address to look at it, good for an hour at least'),
  urlDownload: z.string().describe('Address to fetch it, good for an hour at least'),
  viewerAttrs: z.strictObject({
    viewer: z.string(), viewerType: z.string(), src: z.string(), objectId: z.string(), viewerGroupBy: z.string(), imChatId: int, title: z.string(), actions: z.string(),
  }).describe('For viewers of pages'),
  mediaUrl: z.strictObject({ preview: z.strictObject({ 250: z.string() }) }).describe('Addresses of small pictures by size'),
  isTranscribable: z.literal(false).describe('Always false here'),
  isVideoNote: z.literal(false).describe('Always false here'),
  isVoiceNote: z.literal(false).describe('Always false here'),
}).meta({ id: 'File' });

export type FileView = z.infer<typeof fileShape>;

/** Makes the addresses of the files that one answer shows. */
export interface FileLinks {
  of(purpose: 'download' | 'show' | 'preview', fileId: number): string;
}

const EXTENSION = /[^.]\.([^.]{1,20})$/;

/** @param authorName of whoever uploaded it; empty where that is nobody's business */
export function viewFile(file: DiskObject, zone: Zone, authorName: string, links: FileLinks): FileView {
  const type = kindOf(file.type);
  const download = links.of('download', file.id);
  const preview = type === 'image' ? links.of('preview', file.id) : '';
  return {
    id: file.id,
    chatId: file.owner_id,
    date: zone.atom(file.created_at),
    type,
    name: file.name,
    extension: EXTENSION.exec(file.name)?.[1]?.toLowerCase() ?? '',
    size: file.size,
    image: file.width > 0 && file.height > 0 ? { height: file.height, width: file.width } : false,
    status: 'done',
    progress: 100,
    authorId: file.created_by,
    authorName,
    urlPreview: preview,
    urlShow: type === 'image' ? links.of('show', file.id) : download,
    urlDownload: download,
    viewerAttrs: {
      viewer: '', viewerType: type === 'file' ? 'unknown' : type, src: download, objectId: String(file.id), viewerGroupBy: String(file.owner_id), imChatId: file.owner_id,
      title: file.name, actions: '[{"type":"download"}]',
    },
    mediaUrl: { preview: { 250: preview } },
    isTranscribable: false,
    isVideoNote: false,
    isVoiceNote: false,
  };
}

/** The word for a media type. */
function kindOf(mediaType: string): FileView['type'] {
  const [family] = mediaType.split('/');
  return family === 'image' || family === 'video' || family === 'audio' ? family : 'file';
}
