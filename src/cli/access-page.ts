import { becomesText, byText, placeText, subjectTitle, type Duties, type DutyRow } from '../guard/index.ts';
import type { SharedAnswer } from './access-question.ts';

/** A page as parts: what is the same on many clusters stands there once. */
export interface AccessPage {
  readonly fleet: string;
  readonly groups: readonly SharedAnswer<Duties>[];
}

/** What every page says of rights that no repository gives. */
const outside =
  'As the repository says it. Group system:masters may do everything on every cluster, and controllers of Kubernetes have rights of their own; what others gave on a cluster is not here.';

interface Section {
  readonly title: string;
  readonly about: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function sectionsOf({ duties, escalations }: Duties): readonly Section[] {
  return [
    ...duties.map(({ title, about, rows }) => ({
      title,
      about,
      head: ['who', 'where', 'what', 'by'],
      rows: rows.map(cellsOf),
    })),
    {
      title: 'Ways to become more',
      about: 'what one may do that leads to other rights, the gravest first',
      head: ['who', 'where', 'how', 'by'],
      rows: escalations.map((edge) => {
        const [who = '', where = '', , by = ''] = cellsOf(edge);
        const only = edge.name === undefined ? '' : `, only of ${edge.name}`;
        return [who, where, `${becomesText(edge.kind)}${only}: ${byText(edge.what)}`, by];
      }),
    },
  ];
}

function cellsOf({ subject, namespaces, what, via }: DutyRow): readonly string[] {
  const more = via.length > mostVia ? ` and ${via.length - mostVia} more` : '';
  return [
    subjectTitle(subject),
    placeText(namespaces),
    what.join(', '),
    `${via.slice(0, mostVia).join('; ')}${more}`,
  ];
}

const mostVia = 3;

/** The page as Markdown. */
export function pageMarkdown({ fleet, groups }: AccessPage): string {
  const parts = groups.map(({ clusters, answer }) => {
    const sections = sectionsOf(answer).map(
      ({ title, about, head, rows }) => `### ${title}\n${markdownTable(about, head, rows)}`,
    );
    return `## ${escapedMarkdown(clusters.join(', '))}\n\n${sections.join('\n')}`;
  });
  return `# Access in ${escapedMarkdown(fleet)}\n\n${outside}\n\n${parts.join('\n')}`;
}

function markdownTable(about: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return `Nobody of this repository ${about}.\n`;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((cells) => line(cells.map(escapedMarkdown)));
  return `${about}\n\n${line(head)}${line(head.map(() => '---'))}${body.join('')}`;
}

function escapedMarkdown(text: string): string {
  return text.replaceAll(/[<&`*_[\]|\\@]|(?<!-)>/g, (found) => `&#${found.codePointAt(0) ?? 63};`);
}

function escaped(text: string): string {
  return text.replaceAll(/[<>&"']/g, (found) => `&#${found.codePointAt(0) ?? 63};`);
}

const style = `
:root{color-scheme:light dark;--ink:#1d2430;--soft:#5d6675;--line:#dfe3ea;--ground:#fff;--band:#f5f7fa;--mark:#0b5fad;--grave:#a8321c}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ef;--soft:#9aa4b3;--line:#313947;--ground:#12161d;--band:#1a2029;--mark:#7ab8ff;--grave:#ff9a85}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2rem 1rem 4rem;max-width:78rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:3rem 0 0;padding-top:1rem;border-top:2px solid var(--line)}h3{font-size:1.05rem;margin:1.8rem 0 .2rem}
p{margin:.2rem 0 .6rem;color:var(--soft)}nav ul{list-style:none;padding:0}a{color:var(--mark)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th{text-align:left;font-weight:600;color:var(--soft);border-bottom:1px solid var(--line);padding:.3rem .8rem .3rem 0}
td{vertical-align:top;border-bottom:1px solid var(--line);padding:.4rem .8rem .4rem 0;overflow-wrap:anywhere}
td:first-child{font-weight:600;min-width:11rem}td:nth-child(2){min-width:9rem}td:last-child{color:var(--soft);font-size:.85rem}
tr:hover td{background:var(--band)}section.grave td:nth-child(3){color:var(--grave)}
@media print{body{max-width:none;padding:0}h2{break-before:page}nav{display:none}}
`;

/** The page as one HTML file that loads nothing. */
export function pageHtml({ fleet, groups }: AccessPage): string {
  const links = groups.map(
    ({ clusters }, index) => `<li><a href="#g${index}">${escaped(clusters.join(', '))}</a></li>`,
  );
  const nav = groups.length > 1 ? `<nav aria-label="clusters"><ul>${links.join('')}</ul></nav>` : '';
  const parts = groups.map(
    ({ clusters, answer }, index) =>
      `<h2 id="g${index}">${escaped(clusters.join(', '))}</h2>\n${sectionsOf(answer).map(sectionHtml).join('\n')}`,
  );
  const title = `Access in ${escaped(fleet)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${escaped(outside)}</p>
${nav}
${parts.join('\n')}
</main>
</body>
</html>
`;
}

function sectionHtml({ title, about, head, rows }: Section): string {
  const heading = `<h3>${escaped(title)}</h3>`;
  if (rows.length === 0)
    return `<section>${heading}<p>Nobody of this repository ${escaped(about)}.</p></section>`;
  const line = (cells: readonly string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const body = rows.map((cells) => line(cells, 'td')).join('\n');
  const grave = title.startsWith('Ways') ? ' class="grave"' : '';
  return `<section${grave}>${heading}<p>${escaped(about)}</p>
<div class="wide"><table><thead>${line(head, 'th')}</thead><tbody>
${body}
</tbody></table></div></section>`;
}
