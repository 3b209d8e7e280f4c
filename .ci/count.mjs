// Adds up the lanes' reports into the closing line. A lane that failed without a failing test counts as one failure; a
// skipped test is a failure too, because every lane must really run.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, failedLanes] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numPendingTests + (report.success ? 0 : report.numFailedTests === 0 ? 1 : 0);
}
if (failed === 0) failed = Number(failedLanes);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
