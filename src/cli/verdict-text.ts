import { smallestPatch, stepsText, type Place, type Violation } from '../guard/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { FullQuota, ObjectVerdict } from '../toryo.ts';
import type { Style } from './style.ts';

const marks = { allowed: '✓', refused: '✗', unknown: '?' } as const;
const colours = { allowed: 'green', refused: 'red', unknown: 'yellow' } as const;

/** One object's verdict for people: what is wrong, where, what is wanted, why, and the smallest change. */
export function verdictText(one: ObjectVerdict, fleet: Fleet, style: Style): string {
  const { verdict, title, owner, clusters, from } = one;
  const mark = style(colours[verdict.outcome], marks[verdict.outcome]);
  const whose = [owner, clusters.length === 0 ? '' : `on ${clusters.join(', ')}`].filter(Boolean).join('  ');
  const head = `${[`${mark} ${style('bold', title)}`, whose].filter(Boolean).join('  ')}\n  ${style('dim', `${from.file}:${from.line}`)}\n`;
  const parts = [
    ...verdict.violations.map((violation) => violationText(violation, fleet, style)),
    ...verdict.tried.map(({ sentence }) => `  ${style('yellow', 'tried')} ${sentence}\n`),
    ...verdict.waived.map(
      ({ sentence, waivers }) => `  ${style('dim', `waived by ${waivers.join(', ')}`)} ${sentence}\n`,
    ),
    ...defaultsText(verdict.defaults).map((text) => `  ${style('dim', text)}\n`),
    ...verdict.unknowns.map((why) => `  ${style('yellow', 'unknown')} ${why}\n`),
  ];
  const patch = smallestPatch(
    one.object,
    verdict.violations.flatMap(({ places }) => places),
  );
  const none = verdict.violations.length === 0 ? '' : '  no single smallest change\n';
  const change =
    patch.length === 0
      ? none
      : `  smallest change (JSON patch)\n${patch.map((step) => `    ${JSON.stringify(step)}\n`).join('')}`;
  return `${head}${parts.join('')}${change}`;
}

function violationText(violation: Violation, fleet: Fleet, style: Style): string {
  const { sentence, places, rule } = violation;
  const rows = hasPlaces(rule) ? places.map((place) => `    ${placeText(place)}\n`) : [];
  const why = reasonText(violation, fleet);
  return `  ${sentence}\n${rows.join('')}${why === '' ? '' : `    ${style('dim', why)}\n`}`;
}

/** Pod Security, LimitRanges and quotas tell the place in their own words. */
function hasPlaces(rule: Violation['rule']): boolean {
  return !['TRY-SEC-001', 'TRY-SEC-060', 'TRY-SEC-061', 'TRY-SEC-062'].includes(rule);
}

function placeText({ path, actual, fix }: Place): string {
  const is = actual === undefined ? 'not set' : JSON.stringify(actual);
  const wanted =
    fix === undefined ? '' : fix === null ? ', wanted: not set' : `, wanted: ${JSON.stringify(fix)}`;
  return `${stepsText(path)} is ${is}${wanted}`;
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

/** `LimitRange toryo gives container web requests cpu 50m, memory 64Mi`. */
function defaultsText(defaults: ObjectVerdict['verdict']['defaults']): readonly string[] {
  const groups = Map.groupBy(
    defaults,
    ({ by, container, field }) => `LimitRange ${by} gives container ${container} ${field}`,
  );
  return [...groups].map(
    ([head, all]) => `${head} ${all.map(({ resource, value }) => `${resource} ${value}`).join(', ')}`,
  );
}

/** A quota that is too small for what its namespace is to hold. */
export function quotaText({ namespace, quota, clusters, sums }: FullQuota, style: Style): string {
  const rows = sums.map(({ resource, wanted, hard }) => `  ${resource}: ${wanted} wanted, ${hard} there\n`);
  return `${style('red', '✗')} ${style('bold', `ResourceQuota/${namespace}/${quota}`)}  on ${clusters.join(', ')}\n${rows.join('')}`;
}
