// The demo: the clusters of examples/acme as sandboxes on this machine, delivered, shown, and removed again.
import { Stage } from './stage.ts';

const isKept = process.argv.includes('--keep');
// Clusters of its own, so that a user's are never touched; kept ones are ordinary sandboxes.
const stage = new Stage(isKept);
const begun = performance.now();
let said = 'demo: interrupted, nothing is left running';
let code = 130;
try {
  code = await demo();
} finally {
  await stage.end();
  console.log(said);
}
process.exitCode = stage.isInterrupted ? 130 : code;

async function demo(): Promise<number> {
  const steps: readonly (readonly string[])[] = [
    ['check', 'examples/acme'],
    ['apply', 'examples/acme', '--yes'],
    ['status', 'examples/acme'],
  ];
  for (const words of steps) {
    const exit = await stage.show(...words);
    if (stage.isInterrupted) return 130;
    said = `demo: toryo ${words.join(' ')} ended with exit code ${exit}`;
    if (exit !== 0) return exit;
  }
  const { clusters, objects, sick } = await counted();
  const told = await refused();
  if (stage.isInterrupted) return 130;
  if (told !== '') {
    said = `demo: ${told}`;
    return 3;
  }
  said = `demo: ${clusters} clusters, ${objects} objects, ${sick === 0 ? 'all healthy' : `${sick} not healthy`}; a pod was refused in one sentence before it was sent and by the API server`;
  next();
  return sick === 0 ? 0 : 8;
}

/** Shows a pod that is refused, before it is sent and by the API server; what was not as it should be. */
async function refused(): Promise<string> {
  const file = 'examples/refused.yaml';
  const exit = await stage.show('guard', 'check', '--fleet', 'examples/acme', file);
  if (exit !== 3) return `toryo guard check ended with exit code ${exit}, not 3`;
  const kubeconfig = (await stage.read('sandbox', 'kubeconfig', 'acme-shop-tokyo', '--path')).trim();
  const answer = stage.kubectl(kubeconfig, 'apply', '--dry-run=server', '-f', file);
  if (answer === undefined) return '';
  console.log(answer.trim());
  return answer.includes('TRY-SEC-027') ? '' : 'the API server did not refuse the pod in the same sentence';
}

function next(): void {
  const seconds = Math.round((performance.now() - begun) / 1000);
  const lines = isKept
    ? [
        'The clusters go on running. Try:',
        '  bin/toryo sandbox list',
        '  kubectl --kubeconfig "$(bin/toryo sandbox kubeconfig acme-shop-tokyo --path)" get pods -A',
        '  edit examples/acme/apps/shop/web/app.yaml, then: bin/toryo plan examples/acme',
        '  bin/toryo sandbox down --all',
      ]
    : [
        'Try next:',
        '  npm run demo -- --keep              the same, and the clusters stay for you to look at',
        '  npm run demo:rollback               a bad image: the wave stops and goes back by itself',
        '  bin/toryo init my-fleet             a fleet repository of your own',
        '  bin/toryo explain Tenant            what a field means',
      ];
  console.log(`\n${lines.join('\n')}\n\nall of this took ${seconds} s`);
}

interface Counted {
  readonly clusters: number;
  readonly objects: number;
  readonly sick: number;
}

async function counted(): Promise<Counted> {
  const text = await stage.read('status', 'examples/acme', '-o', 'json');
  const clusters: { objects: { health: { state: string } }[] }[] = JSON.parse(text);
  const states = clusters.flatMap((cluster) => cluster.objects.map((object) => object.health.state));
  return {
    clusters: clusters.length,
    objects: states.length,
    sick: states.filter((one) => one !== 'healthy').length,
  };
}
