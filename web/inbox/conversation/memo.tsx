/** Draws something anew only when one of its properties is another. */
import { Component, type ComponentChild, type FunctionComponent } from 'preact';

export function memo<P extends object>(draw: FunctionComponent<P>) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = Object.keys(next) as Array<keyof P>;
      return keys.length !== Object.keys(this.props).length || keys.some((key) => next[key] !== this.props[key]);
    }

    override render(): ComponentChild {
      const Draw = draw;
      return <Draw {...(this.props as P)} />;
    }
  };
}
