export function builtServer(root: string, node: string, source: string): string;
