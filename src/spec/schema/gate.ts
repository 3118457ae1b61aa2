import { z } from 'zod';
import { durationText, field, isRecord, nameText } from './field.ts';

const urlText = z.string().regex(/^https?:\/\/[^\s@]+$/, { error: 'url' });
const comparisonText = z
  .string()
  .regex(/^(<=|>=|==|!=|<|>)\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/, { error: 'comparison' });
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'variable-name' });

const bearer = field(
  variableName.exactOptional(),
  'Variable of the environment that holds the bearer token.',
  'PROMETHEUS_TOKEN',
);

const prometheus = z.strictObject({
  url: field(urlText, 'Address of the server, without /api.', 'https://prometheus.example.com'),
  query: field(
    z.string().min(1),
    'PromQL; every sample of the answer must be as `is` says.',
    'sum(rate(http_requests_total{code=~"5..", cluster="${cluster.name}"}[5m]))',
  ),
  is: field(comparisonText, 'What every sample must be.', '< 0.01'),
  bearer,
});

const http = z.strictObject({
  url: field(urlText, 'Address that is asked with GET.', 'https://${vars.domain}/healthz'),
  status: field(z.number().int().min(100).max(599).default(200), 'Status that it must answer with.', 200),
  contains: field(z.string().min(1).exactOptional(), 'Text that the answer must have.', 'ok'),
  bearer,
});

/** What must hold after a wave's clusters are healthy: exactly one of prometheus, http, job. */
export const gate = z
  .strictObject({
    name: field(nameText, 'Name of the gate.', 'errors'),
    prometheus: field(prometheus.exactOptional(), 'Asks a Prometheus server.', {
      url: 'https://prometheus.example.com',
      query: 'up{cluster="${cluster.name}"}',
      is: '== 1',
    }),
    http: field(http.exactOptional(), 'Asks an address.', { url: 'https://shop.example.com/healthz' }),
    job: field(
      z.string().min(1).exactOptional(),
      'Runs the Job of this manifest; the path is counted from the repository’s root.',
      'gates/smoke.yaml',
    ),
    every: field(durationText.default('30s'), 'How long until it is asked again.', '30s'),
    timeout: field(durationText.default('10m'), 'How long it may take to pass.', '10m'),
    // Not `on`: YAML as Kubernetes reads it makes that key `true`.
    ask: field(
      z.enum(['each-cluster', 'once']).default('each-cluster'),
      'Asked for each cluster of the wave, or once for the wave.',
      'each-cluster',
    ),
  })
  .refine(
    ({ prometheus, http, job }) => [prometheus, http, job].filter((one) => one !== undefined).length === 1,
    { error: 'one-gate', when: isRecord },
  );

export type GateSpec = z.infer<typeof gate>;
