/**
 * lib: the kernel. In: nothing. Out: diagnostics, errors, texts, events, JSON guards, names, YAML.
 * It knows nothing of Kubernetes' meaning and nothing of Toryo's rooms.
 */
export * from './addresses.ts';
export * from './diagnostics.ts';
export * from './digest.ts';
export * from './errors.ts';
export * from './json.ts';
export * from './known.ts';
export * from './names.ts';
export * from './public-key.ts';
export * from './retry.ts';
export * from './run.ts';
export * from './sentences.ts';
export * from './suggest.ts';
export * from './times.ts';
export * from './yaml.ts';
export * from './yaml-text.ts';
