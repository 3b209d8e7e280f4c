// Adds up the lanes' reports into the closing line, and names what failed before it. A lane that failed without a failing
// test counts as one failure; a skipped test is a failure too, because every lane must really run.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const [folder, failedLanes] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numPendingTests + (report.success ? 0 : report.numFailedTests === 0 ? 1 : 0);
  name(basename(file, '.json'), report);
}
if (failed === 0) failed = Number(failedLanes);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

/** Says which tests of a lane did not pass, and the first lines of why. */
function name(lane, { testResults = [] }) {
  for (const suite of testResults) {
    const file = relative(process.cwd(), suite.name);
    if (suite.status === 'failed' && suite.assertionResults.length === 0) console.log(`FAILED ${lane}: ${file}\n${firstLines(suite.message)}`);
    for (const test of suite.assertionResults) {
      if (test.status !== 'passed') console.log(`FAILED ${lane}: ${file}: ${test.fullName} (${test.status})\n${firstLines(test.failureMessages?.[0])}`);
    }
  }
}

function firstLines(text = '') {
  return text.split('\n').slice(0, 8).map((line) => `    ${line.slice(0, 300)}`).join('\n');
}
