import { z } from 'zod';
import { dayText, field } from './field.ts';

const target = z.strictObject({
  app: field(z.string().exactOptional(), 'TENANT/APP.', 'shop/web'),
  cluster: field(z.string().exactOptional(), 'Cluster.', 'shop-tokyo'),
  namespace: field(z.string().exactOptional(), 'Namespace.', 'shop-web'),
  container: field(z.string().exactOptional(), 'Container.', 'nginx'),
});

/** Waiver: a rule left out for one target until a day. */
export const waiverSpec = z.strictObject({
  rule: field(
    z.string().regex(/^TRY-[A-Z]+-\d{3}$/, { error: 'rule' }),
    'Rule that is left out.',
    'TRY-SEC-012',
  ),
  target: field(target, 'Where.', { app: 'shop/web' }),
  reason: field(
    z.string().min(1),
    'Why, for those who read it later.',
    'the image still runs as root; rebuilt in January',
  ),
  owner: field(z.string(), 'Team that answers for it.', 'shop-dev'),
  expires: field(dayText, 'Day from which the rule holds again.', '2027-01-31'),
});

export type WaiverSpec = z.infer<typeof waiverSpec>;
