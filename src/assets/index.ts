/**
 * assets: the programs that Toryo runs. In: a name. Out: the path of that program, in exactly the pinned version.
 * It finds, checks, downloads or builds them; it never starts them (but to ask for their version).
 */
export { assetNames, assets, type Asset, type AssetName } from './asset.ts';
export { ensureAsset, findAsset } from './resolution.ts';
export { isAlive, lifeOf, ownLife, type Life } from './life.ts';
export { withLock } from './lock.ts';
export { cacheRoot, type Environment } from './cache.ts';
