export declare const ENTRIES: readonly string[];
/** @param root folder of the repository @param node program that runs TypeScript */
export declare function buildWeb(root: string, node: string): void;
export declare function stampOf(root: string): string;
