/** A part of the bench. */
import type { Figure } from './figures.ts';
import type { Home } from './home.ts';
import type { Ready } from '../src/server.ts';
import type { Running } from './processes.ts';
import type { Seeder } from './seed.ts';

/** How thoroughly it is measured. */
export interface Effort {
  /** For the change that one works on: shorter and on less data. */
  quick: boolean;
  /** Seconds of one measurement under load. */
  seconds: number;
}

export interface Bench extends Effort {
  home: Home;
  server: Running<Ready>;
}

export type Measure = (bench: Bench) => Promise<Figure[]>;

export interface Section {
  name: string;
  title: string;
  /** What one must know to read the figures. */
  note?: string;
  /** Only measured when it is asked for. */
  onlyByName?: true;
  /** What its server is started with besides. */
  flags?: readonly string[];
  /** On which engines it makes sense; on all when not said. */
  engines?: readonly Home['engine'][];
  /** Puts what is needed into the store; all sections share it. */
  seed(seeder: Seeder, effort: Effort): Promise<Measure>;
}
