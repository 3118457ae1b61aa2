import { titleOf, type KubeObject } from '../manifest.ts';
import { referencesOf } from '../references.ts';
import type { Target } from '../references-target.ts';

/** An object without a namespace. */
export const object = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name },
  ...rest,
});
/** An object in namespace shop. */
export const inShop = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
  ...object(apiVersion, kind, name, rest),
  metadata: { name, namespace: 'shop' },
});
/** A Deployment in namespace shop whose pods have these labels. */
export const deployment = (name: string, pod: object, labels: object = { app: name }): KubeObject =>
  inShop('apps/v1', 'Deployment', name, { spec: { template: { metadata: { labels }, spec: pod } } });

/** A target as text. */
export function textOf(to: Target): string {
  switch (to.is) {
    case 'object':
      return titleOf(to.ref);
    case 'kind':
      return `every ${to.kind}${to.namespace === undefined ? '' : ` of ${to.namespace}`}`;
    case 'definition':
      return `definition ${to.group}/${to.version} ${to.kind}`;
    case 'pods':
      return `pods of ${to.namespace}`;
    case 'backend':
      return `behind ${to.service.namespace}/${to.service.name}`;
    case 'parameters':
      return `parameters ${to.name}`;
    default:
      return to satisfies never;
  }
}

/** What holds for every pod is told by one test; the others leave it out. */
const everyPod =
  /^(Namespace\/|every (NetworkPolicy|ResourceQuota|LimitRange|ValidatingAdm|MutatingAdm)|definition (rbac|admission|networking|storage|policy|apireg|flowcontrol))/;

/** What an object refers to, without what holds for everything of its place, as text. */
export function told(one: KubeObject): readonly string[] {
  return referencesOf(one)
    .map((reference) => {
      const marks = `${reference.tie === 'ready' ? ' ready' : ''}${reference.isOptional ? ' optional' : ''}`;
      return `${textOf(reference.to)} (${reference.by})${marks}`;
    })
    .filter((text) => !everyPod.test(text));
}
