import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  at,
  millisecondsOf,
  parseYaml,
  problem,
  stringAt,
  type Diagnostic,
  type Origin,
  type PathStep,
} from '../lib/index.ts';
import { isKubeObject, type KubeObject } from '../objects/index.ts';
import { variablesOf, type PlacedWave } from './clusters.ts';
import type { SourceDocument } from './document.ts';
import type { Cluster, Gate, GateQuestion } from './fleet.ts';
import { repositoryFile, type Ground } from './mounts.ts';
import type { FleetSpec, GateSpec } from './schema/index.ts';
import { tenantOfPath } from './tenant-rules.ts';
import type { Place } from './validation.ts';
import { hasVariable, substitute } from './variables.ts';

/** What gates are resolved from besides the Fleet's own text. */
export interface GateSources {
  readonly document: SourceDocument;
  readonly ground: Ground;
  /** Tenant -> its paths: a gate's Job has more rights than a tenant, and may not stand there. */
  readonly tenantPaths: ReadonlyMap<string, readonly string[]>;
}

/** The gates of each wave of the Fleet, in order; one that cannot be asked is told and left out. */
export function gatesOf(
  spec: FleetSpec,
  sources: GateSources,
  diagnostics: Diagnostic[],
): readonly (readonly Gate[])[] {
  return spec.waves.map((wave, index) =>
    wave.gates.flatMap((gate, position) => {
      const base = ['spec', 'waves', index, 'gates', position];
      const question = questionOf(gate, base, sources, diagnostics);
      if (question === undefined) return [];
      const { name, ask } = gate;
      const [every, timeout] = [millisecondsOf(gate.every), millisecondsOf(gate.timeout)];
      return [{ name, ask, every, timeout, question }];
    }),
  );
}

function questionOf(
  gate: GateSpec,
  base: readonly PathStep[],
  sources: GateSources,
  diagnostics: Diagnostic[],
): GateQuestion | undefined {
  const { prometheus, http, job, name } = gate;
  if (prometheus !== undefined) return { kind: 'prometheus', ...prometheus, bearer: prometheus.bearer };
  if (http !== undefined) return { kind: 'http', ...http, contains: http.contains, bearer: http.bearer };
  const read = readJob(job ?? '', sources);
  if ('manifest' in read) return { kind: 'job', ...read };
  const origin = sources.document.locate([...base, 'job']);
  diagnostics.push(problem('TRY-SPEC-046', origin, { gate: name, why: read.why }));
  return undefined;
}

function readJob(
  file: string,
  { ground, tenantPaths }: GateSources,
): { readonly file: string; readonly manifest: KubeObject } | { readonly why: string } {
  const found = repositoryFile(ground, file);
  if (found === 'missing') return { why: `there is no file ${file}` };
  if (found === 'outside') return { why: `${file} leads out of the repository` };
  const tenant = tenantOfPath(path.posix.normalize(file), tenantPaths);
  if (tenant !== undefined)
    return {
      why: `${file} stands in a path of tenant ${tenant}, and a gate's Job has the platform's rights`,
    };
  return jobIn(readFileSync(found.absolute, 'utf8'), path.posix.normalize(file));
}

function jobIn(text: string, file: string): ReturnType<typeof readJob> {
  const { value = [], diagnostics } = parseYaml(text, file);
  const [mistake] = diagnostics;
  if (mistake !== undefined) return { why: `${file} is not YAML (line ${mistake.at.line})` };
  const manifest = value[0]?.value;
  const isJob = at(manifest, 'apiVersion') === 'batch/v1' && at(manifest, 'kind') === 'Job';
  if (!isJob || !isKubeObject(manifest) || value.length > 1)
    return { why: `${file} is not one Job of batch/v1 with a name` };
  if (manifest.metadata.namespace === undefined)
    return { why: `the Job in ${file} names no namespace to run in` };
  return { file, manifest };
}

/** Variables of gates that some cluster of their wave does not have, and addresses that are none once they are filled. */
export function gateMistakes(
  spec: FleetSpec,
  document: SourceDocument,
  placed: { readonly waves: readonly PlacedWave[]; readonly clusters: ReadonlyMap<string, Cluster> },
): readonly Diagnostic[] {
  return spec.waves.flatMap((wave, index) => {
    const names = placed.waves[index]?.clusters ?? [];
    const clusters = names.flatMap((name) => placed.clusters.get(name) ?? []);
    return wave.gates.flatMap((gate, position) => {
      const asked = gate.prometheus ?? gate.http;
      if (asked === undefined) return [];
      const kind = gate.prometheus === undefined ? 'http' : 'prometheus';
      const base = ['spec', 'waves', index, 'gates', position, kind];
      return textMistakes(gate, asked, new Below(document, base), clusters);
    });
  });
}

interface Texts {
  readonly url: string;
  readonly query?: string;
}

function textMistakes(
  gate: GateSpec,
  { url, query = '' }: Texts,
  place: Below,
  clusters: readonly Cluster[],
): readonly Diagnostic[] {
  const why = 'it is asked once for the wave, and a variable is one cluster’s';
  const field = hasVariable(url) ? 'url' : 'query';
  if (gate.ask === 'once' && (hasVariable(url) || hasVariable(query)))
    return [problem('TRY-SPEC-046', place.locate([field]), { gate: gate.name, why })];
  const filled = gate.ask === 'once' ? [{ url, query }] : clusters;
  return filled.flatMap((one) => {
    if ('url' in one) return addressMistakes(gate, one.url, place);
    const { value, diagnostics } = substitute({ url, query }, variablesOf(one.name, one), place);
    return diagnostics.length > 0 ? diagnostics : addressMistakes(gate, stringAt(value, 'url') ?? '', place);
  });
}

function addressMistakes(gate: GateSpec, url: string, place: Below): readonly Diagnostic[] {
  if (URL.canParse(url)) return [];
  return [problem('TRY-SPEC-046', place.locate(['url']), { gate: gate.name, why: `${url} is no address` })];
}

/** Places below a path of a document. */
class Below implements Place {
  readonly #document: SourceDocument;
  readonly #base: readonly PathStep[];

  constructor(document: SourceDocument, base: readonly PathStep[]) {
    this.#document = document;
    this.#base = base;
  }

  locate(steps: readonly PathStep[], part?: 'key' | 'value'): Origin {
    return this.#document.locate([...this.#base, ...steps], part);
  }

  plainText(steps: readonly PathStep[]): string | undefined {
    return this.#document.plainText([...this.#base, ...steps]);
  }
}

/** A gate as it is asked for one cluster: `${cluster.name}`, `${environment}`, `${vars.x}` filled. */
export function gateOn(gate: Gate, cluster: Cluster): Gate {
  const { question } = gate;
  if (question.kind === 'job') return gate;
  const variables = variablesOf(cluster.name, cluster);
  const fill = (text: string): string =>
    text.replace(/\$\{([^}]*)\}/g, (whole, name: string) => variables.get(name) ?? whole);
  const url = fill(question.url);
  if (question.kind === 'http') return { ...gate, question: { ...question, url } };
  return { ...gate, question: { ...question, url, query: fill(question.query) } };
}
