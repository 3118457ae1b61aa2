import { readFileSync } from 'node:fs';
import { realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isClean, parseYaml, stringAt, stringsAt, type Origin } from '../lib/index.ts';
import { flattened, type KubeObject } from '../objects/index.ts';
import { fileOf, type Ground } from '../spec/index.ts';
import { cookWithTool } from './cooking.ts';
import { firstLine, inputsBelow, repositoryPath } from './inputs.ts';
import { kustomizationFile, reachOf } from './kustomization.ts';
import { refused, type Bench, type Objects, type Order } from './order.ts';
import { readManifests } from './plain.ts';
import type { RenderedObject } from './rendered.ts';

const originKey = 'config.kubernetes.io/origin';

/** Renders a kustomization of the repository: no plugins, no network, bases by folder only. */
export async function cookKustomization(target: string, order: Order, bench: Bench): Promise<Objects> {
  const { ground } = bench;
  const folder = path.posix.join(order.folder, target);
  const reach = reachOf(ground, folder);
  if (!isClean(reach.diagnostics)) return refused(...reach.diagnostics);
  const inputs = inputsBelow(ground, reach.folders);
  if (!isClean(inputs.diagnostics)) return refused(...inputs.diagnostics);
  return cookWithTool(
    {
      tool: 'kustomize',
      inputs: [folder, inputs.files],
      prepare: (home) => prepare(home, fileOf(ground, folder)),
      read: (output, home) => read(output, home, ground, folder),
      complaint,
    },
    order,
    bench,
  );
}

// A kustomization around the wanted one asks for each object's file, which leaves the user's own as it is.
async function prepare(home: string, folder: string): Promise<readonly string[]> {
  const wrapper = {
    resources: [path.relative(home, await realpath(folder))],
    buildMetadata: ['originAnnotations'],
  };
  await writeFile(path.join(home, 'kustomization.yaml'), JSON.stringify(wrapper));
  return ['build', home];
}

function read(output: string, home: string, ground: Ground, folder: string): Objects {
  const fallback = kustomizationFile(ground, folder) ?? folder;
  const objects = readManifests(output, fallback);
  if (objects.value === undefined) return refused(...objects.diagnostics);
  const lines = new Lines(ground);
  return {
    value: objects.value.map(({ object }): RenderedObject => {
      const said = stringAt(object, 'metadata', 'annotations', originKey) ?? '';
      const file = originFile(said, home, ground) ?? fallback;
      const isOwn = said.startsWith('path:');
      return { object: withoutOrigin(object), from: isOwn ? lines.find(file, object) : firstLine(file) };
    }),
    diagnostics: objects.diagnostics,
  };
}

function originFile(said: string, home: string, ground: Ground): string | undefined {
  const written = /^(?:path|configuredIn): (.+)$/m.exec(said)?.[1];
  return written === undefined ? undefined : repositoryPath(ground, path.resolve(home, written));
}

function withoutOrigin(object: KubeObject): KubeObject {
  const { annotations: _all, ...metadata } = object.metadata;
  const { [originKey]: _origin, ...annotations } = stringsAt(object, 'metadata', 'annotations');
  const isEmpty = Object.keys(annotations).length === 0;
  return { ...object, metadata: isEmpty ? metadata : { ...metadata, annotations } };
}

/** Finds the line of an object in the file that kustomize says it is from: names may have got a prefix or a suffix. */
class Lines {
  readonly #ground: Ground;
  readonly #files = new Map<string, readonly { kind: string; name: string; begins: Origin }[]>();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  find(file: string, object: KubeObject): Origin {
    const same = this.#in(file).filter(
      (one) => one.kind === object.kind && object.metadata.name.includes(one.name),
    );
    const longest = same.toSorted((left, right) => right.name.length - left.name.length)[0];
    return longest?.begins ?? firstLine(file);
  }

  #in(file: string): readonly { kind: string; name: string; begins: Origin }[] {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const parsed = parseYaml(readFileSync(fileOf(this.#ground, file), 'utf8'), file);
    const found = (parsed.value ?? []).flatMap(({ value, begins }) =>
      flattened(value).map((one) => ({
        kind: stringAt(one, 'kind') ?? '',
        name: stringAt(one, 'metadata', 'name') ?? '',
        begins,
      })),
    );
    this.#files.set(file, found);
    return found;
  }
}

// The tool wraps its message in one sentence for each base that it went through; the innermost says what is wrong.
function complaint(said: string): string {
  const inner = [...said.matchAll(/recursed accumulation of path '([^']*)'/g)].at(-1)?.[1];
  const why = said
    .replace(/^Error: /, '')
    .replaceAll(/accumulation err='.*?must resolve to a file': /g, '')
    .replaceAll(/recursed accumulation of path '[^']*': /g, '')
    .replaceAll(/accumulating (resources|components)( from '[^']*')?: /g, '')
    .replaceAll(/ with config: `[^`]*`/g, '')
    .trim()
    .split('\n')
    .slice(0, 2)
    .join(' ');
  return inner === undefined || why.includes(inner) ? why : `${inner}/: ${why}`;
}
