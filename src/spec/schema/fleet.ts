import { z } from 'zod';
import {
  calendarDayText,
  cidrText,
  durationText,
  field,
  isRecord,
  nameText,
  port,
  selector,
  shareOrCount,
  timezoneText,
} from './field.ts';
import { gate } from './gate.ts';

const approvers = z.strictObject({
  keys: field(
    z.array(z.string()).min(1),
    'Files of SSH public keys whose owners may approve, from the repository’s root.',
    ['keys/platform-a.pub'],
  ),
  atLeast: field(z.number().int().min(1).default(1), 'How many of them must.', 1),
});

const environment = z.strictObject({
  name: field(nameText, 'Name of the environment.', 'staging'),
  protected: field(z.boolean().default(false), 'A change here needs an approval.', true),
  approvers: field(approvers.exactOptional(), 'Who may approve a change here.', {
    keys: ['keys/platform-a.pub'],
    atLeast: 1,
  }),
});

const wave = z.strictObject({
  name: field(nameText, 'Name of the wave.', 'canary'),
  select: field(selector, 'Clusters of this wave; the first wave that matches takes a cluster.', {
    environment: 'staging',
  }),
  soak: field(
    durationText.exactOptional(),
    'How long everything must stay healthy before the next wave begins.',
    '10m',
  ),
  gates: field(z.array(gate).default([]), 'What must hold before the next wave begins.', [
    { name: 'answers', http: { url: 'https://${vars.domain}/healthz' } },
  ]),
  atOnce: field(
    shareOrCount.exactOptional(),
    'How many clusters of the wave move at once; a share rounds down, at least 1.',
    '25%',
  ),
  stopAfterFailures: field(
    z.number().int().min(1).default(1),
    'Failed clusters after which the wave stops.',
    1,
  ),
});

const freeze = z
  .strictObject({
    name: field(nameText, 'Name of the freeze.', 'year-end'),
    from: field(calendarDayText, 'First day, inclusive.', '2026-12-28'),
    to: field(calendarDayText, 'Last day, exclusive.', '2027-01-04'),
    timezone: field(timezoneText.default('UTC'), 'IANA time zone of both days.', 'Asia/Tokyo'),
    select: field(selector.default('all'), 'Clusters that it holds for.', { environment: 'production' }),
  })
  // What is no day is told by itself.
  .refine(({ from, to }) => !isDay(from) || !isDay(to) || from < to, {
    error: 'from-to',
    path: ['to'],
    when: isRecord,
  });

function isDay(value: unknown): boolean {
  return calendarDayText.safeParse(value).success;
}

const day = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'time-of-day' });

const changeWindow = z.strictObject({
  select: field(selector.default('all'), 'Clusters that it holds for.', { environment: 'production' }),
  days: field(z.array(day).min(1), 'Days of the week on which it opens.', ['mon', 'tue']),
  from: field(timeOfDay, 'Time of day at which it opens.', '10:00'),
  to: field(
    timeOfDay,
    'Time of day at which it closes: on the next day when it is earlier; the same time is the whole day.',
    '16:00',
  ),
  timezone: field(timezoneText.default('UTC'), 'IANA time zone of both times.', 'Asia/Tokyo'),
});

const prune = z.strictObject({
  atMost: field(
    shareOrCount.exactOptional(),
    'Largest share of one owner on one cluster that one change may delete.',
    '10%',
  ),
  atMostObjects: field(
    z.number().int().min(0).exactOptional(),
    'Largest number of objects of one owner on one cluster that one change may delete.',
    20,
  ),
});

const networkSet = z.strictObject({
  cidrs: field(z.array(cidrText).min(1), 'Addresses of the set.', ['10.8.16.0/20']),
  ports: field(z.array(port).exactOptional(), 'TCP ports; all when left out.', [5432]),
});

const addressPools = z.strictObject({
  supernets: field(z.array(cidrText).exactOptional(), 'Where VPCs take their addresses from.', [
    '10.0.0.0/12',
  ]),
  podSupernets: field(z.array(cidrText).exactOptional(), 'Where pods take their addresses from.', [
    '100.64.0.0/10',
  ]),
});

const ownerText = z
  .string()
  .regex(/^(App\/[a-z0-9-]+\/[a-z0-9-]+|(Addon|Tenant)\/[a-z0-9-]+)$/, { error: 'owner' });
const removableText = z
  .string()
  .regex(/^((Cluster|Tenant)\/[a-z0-9-]+|Namespace\/[a-z0-9-]+\/[a-z0-9-]+)$/, { error: 'removable' });

const move = z.strictObject({
  from: field(ownerText, 'The owner as it was called.', 'App/shop/web'),
  to: field(ownerText, 'The owner as it is called now.', 'App/shop/storefront'),
});

const removal = z.strictObject({
  what: field(removableText, 'Cluster/NAME, Tenant/NAME or Namespace/TENANT/NAME.', 'Tenant/legacy'),
  data: field(
    z.enum(['keep', 'delete']).exactOptional(),
    'Claims and their namespaces: keep them, labelled, or delete them.',
    'keep',
  ),
  forget: field(z.boolean().exactOptional(), 'Toryo lets go and deletes nothing.', true),
});

const ownershipRule = z.strictObject({
  managers: field(
    z.array(z.string().min(1)).min(1),
    'Field managers, as `kubectl get --show-managed-fields` names them; `*` is any text.',
    ['kubectl*', 'helm'],
  ),
  fields: field(
    z.array(z.string().min(1)).min(1).exactOptional(),
    'Paths of fields, with everything below them; `[*]` is any item of a list. All when left out.',
    ['spec.template.spec.containers[*].resources'],
  ),
  kinds: field(z.array(z.string().min(1)).min(1).exactOptional(), 'Kinds; all when left out.', [
    'Deployment',
  ]),
  decide: field(
    z.enum(['take', 'leave', 'stop']),
    'take: what the repository says is written. leave: the other one keeps the field. stop: the change is blocked.',
    'leave',
  ),
});

/** Fleet: one per repository. */
export const fleetSpec = z.strictObject({
  environments: field(z.array(environment).min(1), 'Environments in the order of promotion.', [
    { name: 'staging' },
    { name: 'production' },
  ]),
  waves: field(z.array(wave).min(1), 'Waves in the order of delivery.', [{ name: 'all', select: 'all' }]),
  freezes: field(
    z.array(freeze).default([]),
    'Times in which nothing new starts; a rollback stays allowed.',
    [{ name: 'year-end', from: '2026-12-28', to: '2027-01-04', timezone: 'Asia/Tokyo' }],
  ),
  windows: field(z.array(changeWindow).default([]), 'Times outside of which nothing starts.', [
    { days: ['mon', 'tue'], from: '10:00', to: '16:00', timezone: 'Asia/Tokyo' },
  ]),
  prune: field(prune.exactOptional(), 'Limits of what one change may delete.', {
    atMost: '10%',
    atMostObjects: 20,
  }),
  networkSets: field(
    z.record(nameText, networkSet).default({}),
    'Named addresses that tenants may let in or call.',
    { 'orders-db': { cidrs: ['10.8.16.0/20'], ports: [5432] } },
  ),
  network: field(addressPools.exactOptional(), 'Address pools of new clusters.', {
    supernets: ['10.0.0.0/12'],
  }),
  ownership: field(
    z.array(ownershipRule).default([]),
    'Who keeps a field that somebody else has changed; the first rule that matches decides, then the built-in ones: take from people and Helm, leave to autoscalers, else stop.',
    [{ managers: ['vpa-*'], fields: ['spec.template.spec.containers[*].resources'], decide: 'leave' }],
  ),
  moved: field(
    z.array(move).default([]),
    'Renamed owners: the inventory changes hands, nothing is deleted.',
    [{ from: 'App/shop/web', to: 'App/shop/storefront' }],
  ),
  removed: field(z.array(removal).default([]), 'The only way a Cluster, Tenant or namespace goes.', [
    { what: 'Tenant/legacy', data: 'keep' },
  ]),
});

export type FleetSpec = z.infer<typeof fleetSpec>;
