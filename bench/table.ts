/** A Markdown table. */
export function table(head: readonly string[], lines: ReadonlyArray<readonly string[]>): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---:')), ...lines.map(row)].join('\n');
}

/** Whether a target was met, in words. */
export function verdict(met: boolean, text: string): string {
  return `${met ? 'Met' : 'NOT MET'}: ${text}.`;
}
