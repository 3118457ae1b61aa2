// npm run bench:guard: 10,000 pods held here and 1,000 bindings compared, on one core; and on a real API server what the compiled policies
// add to the creation of a pod, and how large a pod may be before their budget ends. `npm run bench:guard -- verdicts|access|latency|limits`
// makes one part.
import { benchAccess } from './access.ts';
import { measureLatency, measureLimits } from './guard-server.ts';
import { measureVerdicts } from './guard-verdicts.ts';

const only = process.argv.slice(2);
const isWanted = (part: string): boolean => only.length === 0 || only.includes(part);

if (isWanted('verdicts')) for (const line of measureVerdicts()) console.log(line);
if (isWanted('access')) benchAccess();
if (isWanted('latency')) for await (const line of measureLatency()) console.log(line);
if (isWanted('limits')) for await (const line of measureLimits()) console.log(line);
