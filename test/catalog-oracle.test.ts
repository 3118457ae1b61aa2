import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../src/catalog/index.ts';
import { numberAt, objectAt, parseJson, stringAt } from '../src/lib/index.ts';

const folder = fileURLToPath(new URL('../../shared/oracles/ec2/', import.meta.url));
const isThere = existsSync(folder);

describe.skipIf(!isThere)('instance types (skipped without ../shared/oracles/ec2)', () => {
  it('have the processors, memory and pods of independent tables', () => {
    const rows = readFileSync(`${folder}instance_types.jsonl`, 'utf8').trimEnd().split('\n').map(parseJson);
    const byType = new Map(rows.map((row) => [stringAt(row, 'type'), row]));
    const maxPods = objectAt(parseJson(readFileSync(`${folder}eni-max-pods.json`, 'utf8')));
    for (const type of loadCatalog().instanceTypes.values()) {
      const row = byType.get(type.name);
      const told = {
        cpu: numberAt(row, 'vcpu'),
        memoryMiB: numberAt(row, 'memMiB'),
        pods: maxPods[type.name],
      };
      expect({ cpu: type.cpu, memoryMiB: type.memoryMiB, pods: type.pods }, type.name).toEqual(told);
    }
  });
});
