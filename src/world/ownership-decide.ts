import { labels } from '../lib/index.ts';
import { isUnderPattern, type KubeObject, type Step } from '../objects/index.ts';

/** Who keeps a field that others write too; `*` in a manager's name is any text. */
export interface OwnershipRule {
  readonly managers: readonly string[];
  readonly fields?: readonly string[];
  readonly kinds?: readonly string[];
  readonly decide: 'take' | 'leave' | 'stop';
}

/** A field that somebody else wrote, and that we want to be something else. */
export interface Contest {
  /** Kind of the object. */
  readonly kind: string;
  readonly steps: readonly Step[];
  readonly manager: string;
  readonly subresource?: string;
}

/** What becomes of a contested field: it is taken back, left to who has it, or nothing is written. */
export type Decision = OwnershipRule['decide'];

interface BuiltInRule extends OwnershipRule {
  readonly subresource?: string;
}

/** What holds after the fleet's own rules; whoever is not named here stops the delivery. */
const builtInRules: readonly BuiltInRule[] = [
  // Toryo itself, when it was killed right after it had put back a spec; no fleet has a slash in its name.
  { managers: ['toryo*/spec'], decide: 'take' },
  // The HorizontalPodAutoscaler, and every other that scales in the name of the controller manager.
  { managers: ['kube-controller-manager'], subresource: 'scale', decide: 'leave' },
  { managers: ['keda*'], fields: ['spec.replicas'], decide: 'leave' },
  { managers: ['vpa-*'], decide: 'leave' },
  {
    managers: ['cainjector', 'cert-manager-cainjector'],
    fields: [
      'webhooks[*].clientConfig.caBundle',
      'spec.caBundle',
      'spec.conversion.webhook.clientConfig.caBundle',
    ],
    decide: 'leave',
  },
  {
    // People: kubectl in all its verbs, k9s, Rancher, Lens (node-fetch), consoles in a browser; and Helm.
    managers: ['kubectl*', 'helm', 'k9s', 'rancher', 'node-fetch', 'Lens', 'Mozilla', 'before-first-apply'],
    decide: 'take',
  },
];

/** What guards a namespace is nobody else's: it holds before the fleet's own rules. */
const guardingRule: OwnershipRule = {
  managers: ['*'],
  fields: ['metadata.labels', 'metadata.annotations'],
  decide: 'take',
};

/** The rules for one wanted object: a Namespace that Toryo compiles has only labels and annotations that guard. */
export function rulesFor(
  { kind, metadata }: KubeObject,
  rules: readonly OwnershipRule[],
): readonly OwnershipRule[] {
  const isCompiled = kind === 'Namespace' && metadata.labels?.[labels.tenant] !== undefined;
  return isCompiled ? [guardingRule, ...rules] : rules;
}

/** Decides one contested field: the first rule that matches, the fleet's own before the built-in ones. */
export function decideOn(contest: Contest, rules: readonly OwnershipRule[]): Decision {
  return [...rules, ...builtInRules].find((rule) => isAbout(rule, contest))?.decide ?? 'stop';
}

/** True when a rule of the fleet itself wants a field back, whoever scales: then no autoscaler has a say in it. */
export function isKept(contest: Contest, rules: readonly OwnershipRule[]): boolean {
  const own = rules.find((rule) => isAbout(rule, contest));
  return own !== undefined && own.decide !== 'leave';
}

function isAbout(rule: BuiltInRule, contest: Contest): boolean {
  return (
    rule.managers.some((pattern) => isLike(contest.manager, pattern)) &&
    (rule.subresource === undefined || rule.subresource === contest.subresource) &&
    (rule.kinds?.includes(contest.kind) ?? true) &&
    (rule.fields?.some((pattern) => isUnderPattern(contest.steps, pattern)) ?? true)
  );
}

function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
