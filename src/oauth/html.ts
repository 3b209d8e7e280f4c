/** Markup in which whatever is put in is escaped, unless it is markup itself. */
import { escapeHtml } from '../home-page.ts';

export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Content = string | number | Html | readonly Html[] | undefined;

export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  return new Html(strings.reduce((text, string, at) => text + markup(contents[at - 1]) + string));
}

function markup(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Html) return content.text;
  return typeof content === 'object' ? content.map(markup).join('') : escapeHtml(String(content));
}
