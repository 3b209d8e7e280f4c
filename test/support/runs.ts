/**
 * How often something is tried at random: all times in `.ci/run` (TIDEMARK_TEST_SHARE=1; half of them on PostgreSQL), a third
 * of them in `npm test`, which is to stay pleasant.
 */
export function runs(all: number): number {
  return Math.ceil(all * Number(process.env['TIDEMARK_TEST_SHARE'] ?? 1 / 3));
}
