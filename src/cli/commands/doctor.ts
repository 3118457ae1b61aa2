import { statfsSync } from 'node:fs';
import { availableParallelism, freemem, homedir } from 'node:os';
import { assetNames, cacheRoot, findAsset } from '../../assets/index.ts';
import { kubeconfigFiles, readKubeconfig } from '../../kube/index.ts';
import { reasonOf } from '../../lib/index.ts';
import { list } from '../../sandbox/index.ts';
import type { Session } from '../session.ts';
import { tableText } from '../table.ts';
import { packageVersion } from './version.ts';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'note' | 'bad';
  readonly says: string;
}

const gibibyte = 1_073_741_824;
const roomFor = 5;

/** `toryo doctor`: what this machine has, and what to do about what it has not. */
export async function doctor(session: Session): Promise<number> {
  const findings = [
    nodeFinding(),
    machineFinding(),
    diskFinding(),
    ...(await assetFindings(session)),
    await kubeconfigFinding(session),
    await sandboxFinding(session),
  ];
  if (session.format === 'json') session.print(`${JSON.stringify(findings, null, 2)}\n`);
  else
    session.show(
      tableText(
        [],
        findings.map((one) => [markOf(one, session), one.what, one.says]),
        session.style.columns(),
      ),
    );
  return findings.some((one) => one.state === 'bad') ? 1 : 0;
}

function markOf(one: Finding, session: Session): string {
  if (one.state === 'ok') return session.style('green', '✓');
  return one.state === 'bad' ? session.style('red', '✗') : session.style('yellow', '!');
}

function nodeFinding(): Finding {
  return {
    what: 'Node.js',
    state: 'ok',
    says: `${process.version}, toryo ${packageVersion()}, ${process.platform} ${process.arch}`,
  };
}

function machineFinding(): Finding {
  const free = freemem() / gibibyte;
  const says = `${availableParallelism()} processors, ${free.toFixed(1)} GiB of memory free; a sandbox cluster takes about 0.7 GiB`;
  return { what: 'machine', state: free < 1 ? 'note' : 'ok', says };
}

function diskFinding(): Finding {
  const { bavail, bsize } = statfsSync(homedir());
  const free = (bavail * bsize) / gibibyte;
  return {
    what: 'disk',
    state: free < roomFor ? 'note' : 'ok',
    says: `${free.toFixed(0)} GiB free in the home folder${free < roomFor ? `; building the control plane wants ${roomFor}` : ''}`,
  };
}

async function assetFindings(session: Session): Promise<readonly Finding[]> {
  const found = await Promise.all(
    assetNames.map(async (name) => ({ name, place: await findAsset(name, session.run, session.env) })),
  );
  return found.map(({ name, place }) =>
    place === undefined
      ? {
          what: name,
          state: 'note' as const,
          says: 'not there yet: downloaded or built with Go when it is first needed',
        }
      : { what: name, state: 'ok' as const, says: place.replace(cacheRoot(session.env), '(cache)') },
  );
}

async function kubeconfigFinding(session: Session): Promise<Finding> {
  try {
    const config = await readKubeconfig(kubeconfigFiles(session.env));
    const { size } = config.contexts;
    return { what: 'kubeconfig', state: 'ok', says: `${size} context${size === 1 ? '' : 's'}` };
  } catch (error) {
    return {
      what: 'kubeconfig',
      state: 'note',
      says: `${reasonOf(error)} (only provider kubeconfig needs it)`,
    };
  }
}

async function sandboxFinding(session: Session): Promise<Finding> {
  const states = await list(session.env);
  const lost = states.filter((state) => state.phase === 'lost' || state.phase === 'failed');
  if (lost.length > 0)
    return {
      what: 'sandboxes',
      state: 'bad',
      says: `${lost.map((state) => state.name).join(', ')} ended without being asked: apply the fleet again or \`toryo sandbox up\`, both start it as it was`,
    };
  return {
    what: 'sandboxes',
    state: 'ok',
    says: states.length === 0 ? 'none run' : states.map((state) => `${state.name} ${state.phase}`).join(', '),
  };
}
