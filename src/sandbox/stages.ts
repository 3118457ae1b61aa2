import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../../assets/kwok/stages.yaml', import.meta.url));

/** Annotation that makes a stand-in fail; its values are named where the stand-in is. */
export const failAnnotation = 'sandbox.toryo.dev/fail';

const asked = `as this sandbox was asked (annotation ${failAnnotation}, or its list of images)`;

/** What is wrong with a pod: what its annotation says, else an image that does not exist, else nothing (jq). */
function trouble(images: readonly string[] | undefined): string {
  const asksFor = `.metadata.annotations["${failAnnotation}"]`;
  const error = `if ${asksFor} == "Error" and .spec.restartPolicy == "Always" then "CrashLoopBackOff" else ${asksFor} end`;
  if (images === undefined) return `(${error}) // empty`;
  const missing = `[.spec.containers[].image, .spec.initContainers[]?.image] - ${JSON.stringify(images)}`;
  return `(${error}) // (if (${missing}) == [] then null else "ImagePullBackOff" end) // empty`;
}

/** The readiness gates whose condition is not true (jq). */
const gate =
  '. as $pod | .spec.readinessGates[]?.conditionType | . as $type' +
  ' | select([$pod.status.conditions[]? | select(.type == $type and .status == "True")] == [])';

const scheduled = `- { type: PodScheduled, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }`;

const addresses = `hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
startTime: {{ or .status.startTime $now | Quote }}`;

/** Status of a pod whose containers run, open at the end of its conditions. */
const running = `{{ $now := Now }}
${addresses}
phase: Running
initContainerStatuses:
{{ range .spec.initContainers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  started: false
  state:
    terminated: { exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }} }
  {{ end }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  started: true
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
conditions:
${scheduled}
- { type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }} }`;

/** Status of a pod that is not ready, open in each container's status. */
const failing = `{{ $now := Now }}
${addresses}
conditions:
${scheduled}
- { type: ContainersReady, status: "False", reason: ContainersNotReady, lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "False", reason: ContainersNotReady, message: "not ready, ${asked}", lastTransitionTime: {{ $now | Quote }} }
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""`;

/** kwok's configuration: what it plays, with the images that exist (undefined: every image does). */
export async function stagesFor(images: readonly string[] | undefined): Promise<string> {
  const text = await readFile(source, 'utf8');
  const quoted = (jq: string): string => jq.replaceAll("'", "''");
  const block = (lines: string): string => lines.replaceAll('\n', '\n      ');
  return text
    .replaceAll('@TROUBLE@', quoted(trouble(images)))
    .replaceAll('@GATE@', quoted(gate))
    .replaceAll('@ASKED@', asked)
    .replaceAll('@RUNNING@', block(running))
    .replaceAll('@FAILING@', block(failing));
}
