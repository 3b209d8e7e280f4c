/** The composer that is shown, for what concerns it from elsewhere on the page. */

export interface ComposerHandle {
  focus: () => void;
  put: (text: string) => void;
  addFiles: (files: readonly File[]) => void;
}

let current: ComposerHandle | undefined;

export const composers = {
  register(handle: ComposerHandle): () => void {
    current = handle;
    return () => {
      if (current === handle) current = undefined;
    };
  },
  get current(): ComposerHandle | undefined {
    return current;
  },
};
