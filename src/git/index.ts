/**
 * git: what a repository's history and SSH keys say. In: a folder, texts, public keys. Out: which commit is there, who wrote it,
 * who signed. It runs the person's own git and ssh-keygen, believes no configuration that a repository brings, and writes nothing.
 */
export { authorsBetween, type Author, type Range } from './authors.ts';
export type { Outside } from './program.ts';
export { isAncestor, repositoryFacts, type RepositoryFacts } from './repository.ts';
export { withRevision } from './revision.ts';
export {
  signerOf,
  signingFingerprint,
  signText,
  type PublicKeyFile,
  type SignedText,
  type Signer,
  type Signing,
} from './signature.ts';
export { approvalTrailers, type ApprovalTrailer } from './trailers.ts';
