/**
 * How often something is tried at random: all times in `.ci/run` (TIDEMARK_TEST_SHARE=1; a third on PostgreSQL), a third
 * of them in `npm test`, which is to stay pleasant.
 */
export function runs(all: number): number {
  return Math.ceil(all * Number(process.env['TIDEMARK_TEST_SHARE'] ?? 1 / 3));
}
