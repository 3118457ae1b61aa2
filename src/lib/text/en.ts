import { diagnosticTexts } from './en-diagnostics.ts';
import { errorTexts } from './en-errors.ts';

/** Everything that Toryo says to people, in English. Another language is a value of this same type. */
export const en = { diagnostics: diagnosticTexts, errors: errorTexts } as const;
