import type { PathStep } from '../lib/index.ts';
import { smallestPatch, type Place, type Violation } from '../guard/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { ObjectVerdict } from '../toryo.ts';
import type { Style } from './style.ts';

const marks = { allowed: '✓', refused: '✗', unknown: '?' } as const;
const colours = { allowed: 'green', refused: 'red', unknown: 'yellow' } as const;

/** One object's verdict for people: what is wrong, where, what is wanted, why, and the smallest change. */
export function verdictText(one: ObjectVerdict, fleet: Fleet, style: Style): string {
  const { verdict, title, owner, clusters, from } = one;
  const mark = style(colours[verdict.outcome], marks[verdict.outcome]);
  const whose = [owner, clusters.length === 0 ? '' : `on ${clusters.join(', ')}`].filter(Boolean).join('  ');
  const head = `${mark} ${style('bold', title)}  ${whose}\n  ${style('dim', `${from.file}:${from.line}`)}\n`;
  const parts = [
    ...verdict.violations.map((violation) => violationText(violation, fleet, style)),
    ...verdict.tried.map(({ sentence }) => `  ${style('yellow', 'tried')} ${sentence}\n`),
    ...verdict.waived.map(
      ({ sentence, waivers }) => `  ${style('dim', `waived by ${waivers.join(', ')}`)} ${sentence}\n`,
    ),
    ...verdict.unknowns.map((why) => `  ${style('yellow', 'unknown')} ${why}\n`),
  ];
  const patch = smallestPatch(
    one.object,
    verdict.violations.flatMap(({ places }) => places),
  );
  const change =
    patch.length === 0
      ? ''
      : `  smallest change (JSON patch)\n${patch.map((step) => `    ${JSON.stringify(step)}\n`).join('')}`;
  return `${head}${parts.join('')}${change}`;
}

function violationText(violation: Violation, fleet: Fleet, style: Style): string {
  const { sentence, places, rule } = violation;
  const rows = rule === 'TRY-SEC-001' ? [] : places.map((place) => `    ${placeText(place)}\n`);
  const why = reasonText(violation, fleet);
  return `  ${sentence}\n${rows.join('')}${why === '' ? '' : `    ${style('dim', why)}\n`}`;
}

function placeText({ path, actual, fix }: Place): string {
  const is = actual === undefined ? 'not set' : JSON.stringify(actual);
  const wanted =
    fix === undefined ? '' : fix === null ? ', wanted: not set' : `, wanted: ${JSON.stringify(fix)}`;
  return `${stepsText(path)} is ${is}${wanted}`;
}

/** `spec.containers[0].securityContext`. */
function stepsText(path: readonly PathStep[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join('');
}

/** Which line decided, and whether it may be waived. */
function reasonText({ rule, field, sentence }: Violation, fleet: Fleet): string {
  const name = /\(profile ([^)]+)\)$/.exec(sentence)?.[1];
  const profile = name === undefined ? undefined : fleet.profiles.get(name);
  if (profile === undefined) return '';
  const { waivable, from } = profile;
  const canWaive =
    waivable?.rules.includes(rule) === true
      ? `may be waived for at most ${waivable.atMost}`
      : 'may not be waived';
  return `why: ${field} of profile ${profile.name} (${from.file}:${from.line}); ${canWaive}`;
}
