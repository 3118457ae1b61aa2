/**
 * spec: read. In: a fleet repository's files and toryo.lock. Out: a Fleet with every reference resolved and every default
 * filled, or diagnostics with file:line:column. It never asks the network and never runs anything but a fleet written in
 * TypeScript, in a child process without rights.
 */
export * from './fleet.ts';
export { documentTitle, type SourceDocument } from './document.ts';
export { gateOn } from './gates.ts';
export { lockEntriesOf } from './lock-rules.ts';
export { lockFileOf, lockFolder, lockLine, lockText, lockTitle, type Lock, type LockEntry } from './lock.ts';
export { initFleet, type FleetTemplate } from './init.ts';
export { sandboxMinors } from './clusters.ts';
export { contestedNamespaces } from './sound-part.ts';
export { strictestProfile } from './strictest-profile.ts';
export { load, type LoadOptions } from './load.ts';
export { isPlanText } from './reading.ts';
export { fileOf, mountOf, mountVariables, type Ground } from './mounts.ts';
export {
  explain,
  explainedKinds,
  topics,
  type ExplainedField,
  type Explained,
  type Explanation,
} from './explanation.ts';
export { fieldsOf, schemaFiles, schemaOf, typeText, type SchemaField } from './json-schema.ts';
export { editedFor, overrideText } from './promotion-edit.ts';
export { keepersOf, promotionOf, type PromotedField, type Promotion } from './promotion.ts';
export { reasonIn, type Placed } from './reason.ts';
export { resolvedView, type ResolvedValue } from './resolved-view.ts';
export { unenforcedFields } from './enforcement.ts';
export { builtInNetworkSets } from './tenant-rules.ts';
export {
  documentSchemas,
  kindDescriptions,
  kinds,
  type HelmSource,
  type Kind,
  type ManifestSource,
} from './schema/index.ts';
