/** All functions of Kubernetes' expressions. */
import { authorizerRows } from './authorizer.ts';
import { comparisonRows } from './comparison.ts';
import { conversionRows } from './conversion.ts';
import { formatRows } from './named-format.ts';
import { listRows } from './list.ts';
import { networkRows } from './network.ts';
import { operatorRows } from './operator.ts';
import { optionalRows } from './optional.ts';
import { quantityRows } from './quantity.ts';
import { regexRows } from './regex.ts';
import type { Row } from './row.ts';
import { semverRows } from './semver.ts';
import { setRows } from './set.ts';
import { stringRows } from './string.ts';
import { timeRows } from './time.ts';
import { urlRows } from './url.ts';

export const functionRows: readonly Row[] = [
  ...operatorRows,
  ...comparisonRows,
  ...conversionRows,
  ...timeRows,
  ...stringRows,
  ...regexRows,
  ...listRows,
  ...setRows,
  ...optionalRows,
  ...urlRows,
  ...networkRows,
  ...quantityRows,
  ...semverRows,
  ...formatRows,
  ...authorizerRows,
];
