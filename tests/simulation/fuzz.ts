/** npm run fuzz -- --inputs 1000000 [--seed 1]: one line of JSON, an exit code if a decoder did what it must not. */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzzing';

const { values } = parseArgs({
	options: { inputs: { type: 'string', default: '200000' }, seed: { type: 'string', default: '1' } }
});
const report = await fuzz(Number(values.inputs), Number(values.seed));
for (const problem of report.problems.slice(0, 20)) process.stdout.write(`${problem}\n`);
const { problems, rejections, slowestMs, ...counts } = report;
process.stdout.write(
	JSON.stringify({
		...counts,
		slowestMs: Math.round(slowestMs * 1000) / 1000,
		kindsOfRejection: rejections.size,
		problems: problems.length,
		rejections: Object.fromEntries([...rejections].sort(([a], [b]) => (a < b ? -1 : 1)))
	}) + '\n'
);
process.exitCode = problems.length > 0 ? 1 : 0;
