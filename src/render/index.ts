/**
 * render: sources to manifests. In: a Fleet and the Catalog. Out: the objects of every App and Addon on every cluster.
 * Plain YAML in process; a kustomization or a chart by the real tool, without network, cached by digest.
 */
export { readManifests } from './plain.ts';
export { render } from './render.ts';
export type { RenderedObject } from './rendered.ts';
export { resolveImages } from './images.ts';
