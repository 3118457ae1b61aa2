import { failure, reasonOf } from '../../lib/index.ts';
import { dutiesOf, subjectTitle, type Duties } from '../../guard/index.ts';
import { accessOn, bundlesIn } from '../../toryo.ts';
import { pageHtml, pageMarkdown } from '../access-page.ts';
import { sharedAnswers } from '../access-question.ts';
import { printedData } from '../printed-data.ts';
import { invalid, openFleet } from '../repository.ts';
import type { Session } from '../session.ts';
import { replaceFile } from '../whole-file.ts';

export interface PageOptions {
  readonly cluster?: readonly string[];
  readonly out?: string;
}

/** `toryo access page`: who deploys, who operates apps, who operates clusters, and what leads to more. */
export async function page(root: string, options: PageOptions, session: Session): Promise<number> {
  const built = await openFleet(root, session);
  if (built === undefined) return invalid;
  const bundles = bundlesIn(built, { clusters: options.cluster ?? [] });
  const groups = sharedAnswers(
    bundles.map((bundle) => ({ cluster: bundle.cluster, answer: dutiesOf(accessOn(bundle)) })),
  );
  const whole = { fleet: built.fleet.name, groups };
  const { out } = options;
  if (out !== undefined) {
    await write(out, out.endsWith('.html') ? pageHtml(whole) : pageMarkdown(whole));
    session.say(`${session.style('green', '✓')} ${out}\n`);
    return 0;
  }
  const data = groups.map(({ clusters, answer }) => ({ clusters, ...namedSubjects(answer) }));
  if (!printedData(data, session)) session.print(pageMarkdown(whole));
  return 0;
}

async function write(out: string, text: string): Promise<void> {
  try {
    await replaceFile(out, text);
  } catch (error) {
    const why = `${out} could not be written and is as it was (${reasonOf(error)})`;
    throw failure('TORYO_OUTPUT', { why }, { cause: error });
  }
}

function namedSubjects({ duties, escalations }: Duties): object {
  const named = <T extends { readonly subject: Parameters<typeof subjectTitle>[0] }>(rows: readonly T[]) =>
    rows.map((row) => ({ ...row, subject: subjectTitle(row.subject) }));
  return {
    duties: duties.map((duty) => ({ ...duty, rows: named(duty.rows) })),
    escalations: named(escalations),
  };
}
