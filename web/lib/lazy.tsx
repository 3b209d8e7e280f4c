/** Parts of the page that come when they are first needed. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** @param load `() => import(…)` of a module that exports the component as `name` */
export function lazy<P extends object, N extends string>(load: () => Promise<Record<N, ComponentType<P>>>, name: N) {
  let known: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    const [Part, setPart] = useState<{ part: ComponentType<P> } | undefined>(known && { part: known });
    useEffect(() => {
      if (!known) {
        // Without a connection there is nothing to show; it is tried again the next time.
        load().then((module) => setPart({ part: (known = module[name]) }), () => undefined);
      }
    }, []);
    return Part ? <Part.part {...props} /> : null;
  };
}
