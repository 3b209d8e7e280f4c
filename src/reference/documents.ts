/** What is made of the declarations, made when somebody first asks: few portals are asked, and it would take 30 MB of each. */
import { lazily } from '../base/lazily.ts';
import { yieldToOthers } from '../base/turns.ts';
import { openApiDocument } from './openapi.ts';
import { type Declared, Reference } from './reference.ts';

export class Documents {
  /** All methods; in the middle of the day, so that the work is done in slices. */
  readonly reference: () => Promise<Reference>;
  /** The OpenAPI document, encoded, without its `servers` and the brace that would come before them. */
  readonly openApi: () => Promise<Buffer>;
  readonly mcp = lazily(loadMcp);

  constructor(declared: () => Iterable<Declared>, version: string) {
    this.reference = lazily(() => Reference.of(declared()));
    this.openApi = lazily(async () => Buffer.from(JSON.stringify(openApiDocument(await this.reference(), version)).slice(1)));
  }
}

/** In pieces, between which others get their turn: each is compiled and run at once. */
async function loadMcp(): Promise<typeof import('./mcp-http.ts')> {
  await import('@modelcontextprotocol/server');
  await yieldToOthers();
  // Named for the first time, it makes Node load its client of HTTP.
  void globalThis.Request;
  await yieldToOthers();
  return import('./mcp-http.ts');
}
