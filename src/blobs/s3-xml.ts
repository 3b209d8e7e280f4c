/** The little XML that S3 speaks, read element by element: what is asked for is found by its name, wherever it stands. */
import { Parser } from 'htmlparser2';

/** The texts of the elements of one kind, in order: each a map of its children by name. */
export function elements(xml: string, kind: string): Array<Map<string, string>> {
  const found: Array<Map<string, string>> = [];
  let open: Map<string, string> | undefined;
  let text = '';
  const parser = new Parser({
    onopentag(name) {
      text = '';
      if (name === kind) found.push((open = new Map()));
    },
    ontext(more) {
      text += more;
    },
    onclosetag(name) {
      if (name === kind) open = undefined;
      else if (!open?.has(name)) open?.set(name, text);
    },
  }, { xmlMode: true });
  parser.end(xml);
  return found;
}

/** The text of the first element of a name. */
export function textOf(xml: string, parent: string, name: string): string | undefined {
  return elements(xml, parent)[0]?.get(name);
}
