/** Sentences of failed operations: what happened to what, then what to do. */
export const errorTexts = {
  TORYO_USAGE: {
    message: (a: { why: string }) => a.why,
    hint: 'The same command with `--help` says what it takes.',
  },
  TORYO_INTERRUPTED: {
    message: (a: { what: string }) => `interrupted while ${a.what}`,
    hint: 'Run the same command again: it goes on where it stopped.',
  },
  TORYO_INTERNAL: {
    message: (a: { why: string }) => `internal error: ${a.why}`,
    hint: 'This is a defect of Toryo; please report it with the output of `toryo doctor`.',
  },
  TORYO_KUBECONFIG: {
    message: (a: { file: string; why: string }) => `kubeconfig ${a.file}: ${a.why}`,
    hint: 'Correct KUBECONFIG, or the context in the Cluster document: `kubectl config get-contexts` lists what is there.',
  },
  TORYO_EXEC_PLUGIN: {
    message: (a: { command: string; why: string }) => `the credential plugin ${a.command} failed: ${a.why}`,
    hint: 'Run the command by hand; log in again where your provider asks for it.',
  },
  TORYO_KUBE_UNREACHABLE: {
    message: (a: { verb: string; what: string; server: string; why: string }) =>
      `${a.verb} ${a.what}: no answer from ${a.server} (${a.why})`,
    hint: 'Check that the API server runs and that this machine may reach it (VPN, private endpoint, proxy).',
  },
  TORYO_KUBE_CERTIFICATE: {
    message: (a: { verb: string; what: string; server: string; why: string }) =>
      `${a.verb} ${a.what}: the certificate of ${a.server} is not trusted (${a.why})`,
    hint: 'Check certificate-authority-data and tls-server-name in the kubeconfig. The cluster may have been replaced.',
  },
  TORYO_KUBE_UNAUTHENTICATED: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: not authenticated (${a.why})`,
    hint: 'The token or certificate is expired or unknown to this cluster: log in again.',
  },
  TORYO_KUBE_FORBIDDEN: {
    message: (a: { verb: string; what: string; why: string }) => `${a.verb} ${a.what}: forbidden (${a.why})`,
    hint: 'Give this identity the right, or run with one that has it: `kubectl auth can-i --list`.',
  },
  TORYO_KUBE_NOT_FOUND: {
    message: (a: { verb: string; what: string; why: string }) => `${a.verb} ${a.what}: not found (${a.why})`,
    hint: 'It may have been deleted meanwhile: plan again.',
  },
  TORYO_KUBE_CONFLICT: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: changed meanwhile (${a.why})`,
    hint: 'Plan again.',
  },
  TORYO_KUBE_FIELD_CONFLICT: {
    message: (a: { what: string; owners: string }) =>
      `${a.what}: fields belong to somebody else: ${a.owners}`,
    hint: 'Remove the fields from the manifest, or have the other owner give them up.',
  },
  TORYO_CHANGED: {
    message: (a: { what: string; why: string }) => `${a.what} was changed after it was planned: ${a.why}`,
    hint: 'Plan again: nothing was written over it.',
  },
  TORYO_KUBE_INVALID: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: refused by the API server: ${a.why}`,
    hint: 'Correct the manifest.',
  },
  TORYO_KUBE_EXPIRED: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: the API server no longer has that revision (${a.why})`,
    hint: 'List again.',
  },
  TORYO_KUBE_BUSY: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: the API server is overloaded (${a.why})`,
    hint: 'Wait and run the same command again.',
  },
  TORYO_KUBE_SERVER: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: the API server failed (${a.why})`,
    hint: 'Look at the API server’s log; run the same command again.',
  },
  TORYO_KUBE_ANSWER: {
    message: (a: { verb: string; what: string; why: string }) =>
      `${a.verb} ${a.what}: an answer that is no Kubernetes answer (${a.why})`,
    hint: 'Check that the server of this kubeconfig is a Kubernetes API server and not a proxy’s page.',
  },
  TORYO_KUBE_UNKNOWN_KIND: {
    message: (a: { kind: string; version: string }) => `the API server has no ${a.kind} in ${a.version}`,
    hint: 'Install the CustomResourceDefinition first, or correct apiVersion and kind.',
  },
  TORYO_ASSET: {
    message: (a: { name: string; why: string }) => `${a.name} could not be provided: ${a.why}`,
    hint: 'Set TORYO_ASSETS to a folder that has it, allow the download, or install Go to build it.',
  },
  TORYO_ASSET_UNKNOWN: {
    message: (a: { name: string; known: string }) => `there is no asset ${a.name}`,
    hint: 'See `toryo doctor`.',
  },
  TORYO_REGISTRY_CONFIG: {
    message: (a: { file: string; why: string }) => `${a.file}: ${a.why}`,
    hint: 'Correct the file, or name the folder of another config.json in DOCKER_CONFIG.',
  },
  TORYO_REGISTRY_HELPER: {
    message: (a: { command: string; registry: string; why: string }) =>
      `${a.command} gives no credentials of ${a.registry}: ${a.why}`,
    hint: 'Docker’s config.json names it in credHelpers or credsStore: install it, log in again, or remove its line.',
  },
  TORYO_REGISTRY_UNREACHABLE: {
    message: (a: { registry: string; why: string }) => `no answer from ${a.registry} (${a.why})`,
    hint: 'Check the name of the registry, and that this machine may reach it (HTTPS_PROXY, NO_PROXY, its certificate).',
  },
  TORYO_REGISTRY_UNAUTHORISED: {
    message: (a: { image: string; why: string }) => `${a.image}: ${a.why}`,
    hint: 'Check that the image exists, and log in: `docker login REGISTRY`, or a helper in credHelpers of Docker’s config.json.',
  },
  TORYO_REGISTRY_NOT_FOUND: {
    message: (a: { image: string }) => `${a.image}: the registry has no such image`,
    hint: 'Check its name and tag; it may not have been pushed yet.',
  },
  TORYO_REGISTRY_BUSY: {
    message: (a: { image: string; why: string }) => `${a.image}: ${a.why}`,
    hint: 'Wait and run the same command again; a registry often lets who logs in ask more.',
  },
  TORYO_REGISTRY_ANSWER: {
    message: (a: { image: string; why: string }) => `${a.image}: ${a.why}`,
    hint: 'Check that the name leads to a registry of images; nothing was written.',
  },
  TORYO_IMAGES: {
    message: (a: { count: number; list: string }) => `${a.count} images have no digest:${a.list}`,
    hint: 'Nothing was written. Put each of them right and run the same command again.',
  },
  TORYO_GIT: {
    message: (a: { program: string; why: string }) => `${a.program}: ${a.why}`,
    hint: 'Toryo runs git (2.34 or newer) and ssh-keygen (OpenSSH 8.2 or newer, not 8.7): try the same with them by hand.',
  },
  TORYO_APPROVAL: {
    message: (a: { why: string }) => a.why,
    hint: '`toryo plan --out plan.json` makes a plan, `toryo approve plan.json` approves it; the guide on approvals says what counts.',
  },
  TORYO_DISK: {
    message: (a: { why: string }) => `this machine refuses it: ${a.why}`,
    hint: 'Make room, or give Toryo the right to read and write there; TORYO_STATE names the folder of sandboxes, TORYO_CACHE that of programs.',
  },
  TORYO_OUTPUT: {
    message: (a: { why: string }) => a.why,
    hint: 'Check that the folder is there, may be written to and has room; a file that was there before is unchanged.',
  },
  TORYO_SANDBOX: {
    message: (a: { name: string; why: string }) => `sandbox cluster ${a.name}: ${a.why}`,
    hint: 'See `toryo sandbox logs`; `toryo sandbox down` removes it.',
  },
  TORYO_SANDBOX_UNKNOWN: {
    message: (a: { name: string }) => `there is no sandbox cluster ${a.name}`,
    hint: 'See `toryo sandbox list`; start it with `toryo sandbox up`.',
  },
  TORYO_WRONG_CLUSTER: {
    message: (a: { why: string }) => `this is another cluster: ${a.why}`,
    hint: 'Correct the context in the Cluster document or the kubeconfig; nothing was written.',
  },
  TORYO_BLOCKED: {
    message: (a: { count: number; on?: string; others?: number }) => {
      const on = a.on === undefined ? '' : ` on ${a.on}`;
      const rest =
        (a.others ?? 0) > 0 ? ' to any cluster; `-c NAME` for each of the others applies to these alone' : '';
      return `${a.count} ${a.count === 1 ? 'change is' : 'changes are'} blocked${on}: nothing was written${rest}`;
    },
    hint: 'Each blocked change above says what to do.',
  },
  TORYO_PLAN_STALE: {
    message: (a: { count: number; first: string }) =>
      `the plan is not true any more: ${a.first}${a.count > 1 ? `, and ${a.count - 1} more` : ''}`,
    hint: 'Nothing of that was written. Plan again, and have the new plan approved.',
  },
  TORYO_LOCKED: {
    message: (a: { holder: string; since: string }) =>
      `somebody else is changing this cluster: ${a.holder}, since ${a.since}`,
    hint: 'Wait until they are done, or stop them; a Toryo that died is noticed within half a minute.',
  },
  TORYO_LEASE_LOST: {
    message: (a: { holder: string }) =>
      `the lease of this cluster was lost to ${a.holder}: stopped before the next write`,
    hint: 'Look who else delivers this fleet; run the same command again when they are done.',
  },
  TORYO_NOT_ENFORCED: {
    message: (a: { fields: string }) =>
      `safety depends on fields that this version does not enforce yet: ${a.fields}`,
    hint: 'Remove the fields, or try the fleet on provider sandbox.',
  },
  TORYO_PARTIAL: {
    message: (a: { clusters: string }) => `not every cluster could be read: ${a.clusters}`,
    hint: 'Run the same command again when they can be reached: what is done stays done.',
  },
  TORYO_TIMED_OUT: {
    message: (a: { what: string; after: string }) => `timed out after ${a.after} waiting for ${a.what}`,
    hint: 'See `toryo status`; apply again with a longer --timeout.',
  },
  TORYO_UNHEALTHY: {
    message: (a: { count: number }) => `${a.count} ${a.count === 1 ? 'object has' : 'objects have'} failed`,
    hint: 'Each failed object above says why; correct it and apply again.',
  },
  TORYO_NOT_WRITTEN: {
    message: (a: { why: string }) => `not written: ${a.why}`,
    hint: 'Put that right and apply again: it goes on where it stopped.',
  },
  TORYO_APPLY_FAILED: {
    message: (a: { count: number }) => `${a.count} ${a.count === 1 ? 'write' : 'writes'} failed`,
    hint: 'Correct what is named above and apply again: what is done stays done.',
  },
  TORYO_UNDO: {
    message: (a: { why: string }) => `cannot be undone: ${a.why}`,
    hint: '`toryo undo --list` says what can be brought back, and until when.',
  },
} as const;
