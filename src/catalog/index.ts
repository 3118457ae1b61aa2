/**
 * catalog: what is known about the world outside. In: the data in catalog/, each row with its source. Out: one Catalog
 * value that is passed as an argument.
 */
export * from './catalog.ts';
export { defaultAccess } from './default-access.ts';
