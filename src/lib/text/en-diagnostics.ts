/** A sentence that needs nothing but its code. */
type Nothing = Readonly<Record<string, never>>;

/** A rule about pods: the sentence is the one that the API server tells too. */
function podRule(title: string, hint: string) {
  return {
    title,
    message: (a: { object: string; cluster: string; sentence: string; fields: string }) =>
      `${a.object} on cluster ${a.cluster}: ${a.sentence.replace(/^TRY-SEC-\d{3} /, '')}${a.fields === '' ? '' : `: ${a.fields}`}`,
    hint,
  };
}

/** Sentences of the user's mistakes, by code. The title names the rule, the message the case, the hint the next step. */
export const diagnosticTexts = {
  'TRY-YAML-001': {
    title: 'Not YAML',
    message: (a: { why: string }) => `not YAML: ${a.why}`,
    hint: 'Correct the file; indentation and quotes are the usual places.',
  },
  'TRY-YAML-002': {
    title: 'Tab in the indentation',
    message: (_nothing: Nothing) => 'a tab in the indentation',
    hint: 'Indent with spaces.',
  },
  'TRY-YAML-003': {
    title: 'Duplicate key',
    message: (a: { key: string }) => `the key "${a.key}" is written twice in one mapping`,
    hint: 'Keep one of the two.',
  },
  'TRY-YAML-004': {
    title: 'Too many aliases',
    message: (a: { limit: number }) => `aliases expand to more than ${a.limit} nodes`,
    hint: 'Write the values out; this is how a small file becomes a huge one.',
  },
  'TRY-YAML-005': {
    title: 'A key that is no text',
    message: (a: { key: string }) => `the key ${a.key} is not a string`,
    hint: 'Quote it.',
  },
  'TRY-YAML-006': {
    title: 'Tag or value that Kubernetes does not read',
    message: (a: { what: string }) => `${a.what} cannot be read as JSON`,
    hint: 'Use plain strings, numbers, booleans, lists and mappings.',
  },

  'TRY-SPEC-001': {
    title: 'Unknown key',
    message: (a: { key: string; suggestion: string }) => `unknown key "${a.key}"${didYouMean(a.suggestion)}`,
    hint: 'See `toryo explain` for the fields of a kind.',
  },
  'TRY-SPEC-002': {
    title: 'Wrong type',
    message: (a: { expected: string; found: string }) => `expected ${a.expected}, found ${a.found}`,
    hint: 'Correct the value.',
  },
  'TRY-SPEC-003': {
    title: 'A string that must be quoted',
    message: (a: { text: string; read: string }) =>
      `${a.text} is read as the ${a.read}, not as text; quote it: "${a.text}"`,
    hint: 'Versions, labels, times and words such as yes and on are text only in quotes.',
  },
  'TRY-SPEC-004': {
    title: 'Missing field',
    message: (a: { field: string }) => `the field "${a.field}" is missing`,
    hint: 'Add it; `toryo explain` says what it means.',
  },
  'TRY-SPEC-005': {
    title: 'Not one of the allowed values',
    message: (a: { found: string; allowed: string; suggestion: string }) =>
      `${a.found} is not one of ${a.allowed}${didYouMean(a.suggestion)}`,
    hint: 'Use one of the values.',
  },
  'TRY-SPEC-006': {
    title: 'Not a DNS label',
    message: (a: { found: string }) =>
      `"${a.found}" is no name: at most 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit`,
    hint: 'Rename it.',
  },
  'TRY-SPEC-007': {
    title: 'Not in the right form',
    message: (a: { found: string; form: string }) => `"${a.found}" is not ${a.form}`,
    hint: 'Correct the value.',
  },
  'TRY-SPEC-008': {
    title: 'Exactly one of several fields',
    message: (a: { fields: string }) => `exactly one of ${a.fields} is needed`,
    hint: 'Keep the one that is meant.',
  },
  'TRY-SPEC-009': {
    title: 'Out of range',
    message: (a: { why: string }) => a.why,
    hint: 'Correct the value.',
  },
  'TRY-SPEC-010': {
    title: 'Unknown kind',
    message: (a: { found: string; suggestion: string }) =>
      `there is no kind "${a.found}"${didYouMean(a.suggestion)}`,
    hint: 'Kinds: Fleet, ClusterTemplate, Cluster, SecurityProfile, Tenant, Addon, App, Waiver.',
  },
  'TRY-SPEC-011': {
    title: 'Unknown apiVersion',
    message: (a: { found: string; wanted: string }) => `apiVersion "${a.found}" is not known`,
    hint: 'Write apiVersion: toryo.dev/v1alpha1.',
  },
  'TRY-SPEC-012': {
    title: 'Duplicate document',
    message: (a: { what: string; other: string }) => `${a.what} is already defined at ${a.other}`,
    hint: 'Rename or remove one of the two.',
  },
  'TRY-SPEC-013': {
    title: 'Reference to something that does not exist',
    message: (a: { what: string; suggestion: string }) => `there is no ${a.what}${didYouMean(a.suggestion)}`,
    hint: 'Correct the name, or add the document.',
  },
  'TRY-SPEC-014': {
    title: 'Cluster in no wave',
    message: (a: { cluster: string }) => `no wave of the Fleet selects cluster ${a.cluster}`,
    hint: 'Add a wave, or widen the last one.',
  },
  'TRY-SPEC-015': {
    title: 'Selector that matches nothing',
    message: (a: { what: string; suggestion: string }) =>
      `${a.what} matches no cluster${didYouMean(a.suggestion)}`,
    hint: 'Correct the labels, or remove the entry.',
  },
  'TRY-SPEC-016': {
    title: 'Unknown variable',
    message: (a: { name: string; suggestion: string }) =>
      `\${${a.name}} is not known here${didYouMean(a.suggestion)}`,
    hint: 'Known: ${cluster.name}, ${environment}, ${region}, ${account}, ${vars.NAME}.',
  },
  'TRY-SPEC-017': {
    title: 'Variable where none is allowed',
    message: (a: { field: string }) => `variables are not allowed in ${a.field}`,
    hint: 'Names, selectors and paths are plain text; use overrides.',
  },
  'TRY-SPEC-018': {
    title: 'Label called like a built-in key',
    message: (a: { key: string }) => `"${a.key}" is a built-in key of selectors and cannot be a label`,
    hint: 'Rename the label.',
  },
  'TRY-SPEC-019': {
    title: 'No Fleet',
    message: (a: { folder: string }) => `no document of kind Fleet below ${a.folder}`,
    hint: 'Add fleet.yaml, or run `toryo init`.',
  },
  'TRY-SPEC-020': {
    title: 'More than one Fleet',
    message: (a: { other: string }) => `another Fleet stands at ${a.other}`,
    hint: 'A repository has one Fleet.',
  },
  'TRY-SPEC-021': {
    title: 'App outside its tenant’s paths',
    message: (a: { tenant: string; paths: string }) => `Apps of tenant ${a.tenant} live below ${a.paths}`,
    hint: 'Move the file there, or widen `paths` of the Tenant.',
  },
  'TRY-SPEC-022': {
    title: 'Platform document inside a tenant’s path',
    message: (a: { kind: string; tenant: string }) =>
      `no ${a.kind} may stand in a path of tenant ${a.tenant}`,
    hint: 'Move it out: a tenant’s path holds its Apps only.',
  },
  'TRY-SPEC-023': {
    title: 'One namespace, two tenants',
    message: (a: { namespace: string; cluster: string; other: string }) =>
      `namespace ${a.namespace} on cluster ${a.cluster} already belongs to ${a.other}`,
    hint: 'A namespace has one tenant on a cluster: rename one.',
  },
  'TRY-SPEC-024': {
    title: 'Namespace of the platform',
    message: (a: { namespace: string }) => `namespace ${a.namespace} belongs to the platform`,
    hint: 'Choose another name: kube-*, default and toryo-system are taken.',
  },
  'TRY-SPEC-025': {
    title: 'One host twice',
    message: (a: { host: string; other: string }) => `host ${a.host} is already exposed by ${a.other}`,
    hint: 'One host: one cluster, or one switch pair.',
  },
  'TRY-SPEC-026': {
    title: 'Host outside the tenant’s hosts',
    message: (a: { host: string; tenant: string; hosts: string }) =>
      `host ${a.host} is not one of tenant ${a.tenant} (${a.hosts})`,
    hint: 'Correct the host, or add it to `hosts` of the Tenant.',
  },
  'TRY-SPEC-027': {
    title: 'A system: subject',
    message: (a: { subject: string }) => `"${a.subject}" is reserved for Kubernetes itself`,
    hint: 'Bind a group of your own.',
  },
  'TRY-SPEC-028': {
    title: 'The built-in tenant',
    message: (a: { name: string }) => `tenant ${a.name} is built in`,
    hint: 'Leave the document out; Apps may name the tenant.',
  },
  'TRY-SPEC-029': {
    title: 'Source that does not exist',
    message: (a: { path: string; suggestion: string }) => `there is no ${a.path}${didYouMean(a.suggestion)}`,
    hint: 'Paths are relative to the file that names them.',
  },
  'TRY-SPEC-030': {
    title: 'Path out of the repository',
    message: (a: { path: string }) => `${a.path} leads out of the repository`,
    hint: 'Everything that a fleet uses stands in its repository.',
  },
  'TRY-SPEC-031': {
    title: 'Symbolic link that leads nowhere',
    message: (a: { path: string; where: string }) => `${a.path} is a symbolic link that leads ${a.where}`,
    hint: 'Remove the link.',
  },
  'TRY-SPEC-032': {
    title: 'Document that nothing reads',
    message: (a: { what: string }) => `${a.what} is read by no App or Addon`,
    hint: 'Name its folder in a `source`, or remove it.',
  },
  'TRY-SPEC-033': {
    title: 'Not one of the tenant’s namespaces',
    message: (a: { namespace: string; tenant: string; suggestion: string }) =>
      `namespace ${a.namespace} is not one of tenant ${a.tenant}${didYouMean(a.suggestion)}`,
    hint: 'Add it to the Tenant, or correct the name.',
  },
  'TRY-SPEC-034': {
    title: 'Circle of needs',
    message: (a: { circle: string }) => `these need each other: ${a.circle}`,
    hint: 'Remove one of the needs.',
  },
  'TRY-SPEC-035': {
    title: 'Expired Waiver',
    message: (a: { expires: string }) =>
      `the Waiver expired on ${a.expires}: from that day on the rule holds again`,
    hint: 'Correct what it waives, or renew it with a reason.',
  },
  'TRY-SPEC-036': {
    title: 'A move that cannot be',
    message: (a: { why: string }) => a.why,
    hint: '`from` is the old name and has no document; `to` is the new one and has.',
  },
  'TRY-SPEC-037': {
    title: 'Provider without its settings',
    message: (a: { provider: string; field: string }) => `provider ${a.provider} needs ${a.field}`,
    hint: 'Add the field to the Cluster or its template.',
  },
  'TRY-SPEC-038': {
    title: 'Tenant not on that cluster',
    message: (a: { app: string; cluster: string; tenant: string }) =>
      `${a.app} selects cluster ${a.cluster}, where tenant ${a.tenant} is not`,
    hint: 'Narrow `clusters` of the App, or widen those of the Tenant.',
  },
  'TRY-SPEC-039': {
    title: 'File that is no regular file or too large',
    message: (a: { why: string }) => a.why,
    hint: 'Keep documents under 1 MB, in regular files.',
  },
  'TRY-SPEC-040': {
    title: 'Removed, yet still there',
    message: (a: { what: string }) => `${a.what} is listed in \`removed\` and still has a document`,
    hint: 'Delete the document, or the entry.',
  },
  'TRY-SPEC-041': {
    title: 'Folder that stands outside of the repository',
    message: (a: { path: string; variable: string }) =>
      `${a.path} is not here, and ${a.variable} does not say where it is`,
    hint: 'Set the variable to the folder, as in TORYO_CORPUS=/path/to/corpus.',
  },
  'TRY-SPEC-043': {
    title: 'No folder to read',
    message: (a: { why: string }) => a.why,
    hint: 'Name the folder of a fleet repository, or start one with `toryo init`.',
  },
  'TRY-SPEC-044': {
    title: 'Unknown time zone',
    message: (a: { found: string; suggestion: string }) =>
      `there is no time zone "${a.found}"${didYouMean(a.suggestion)}`,
    hint: 'Use a name of the IANA database such as Asia/Tokyo or UTC.',
  },
  'TRY-SPEC-045': {
    title: 'Keys of approvers that cannot be used',
    message: (a: { why: string }) => a.why,
    hint: 'One SSH public key per file, as in id_ed25519.pub; paths are counted from the repository’s root.',
  },
  'TRY-SPEC-046': {
    title: 'Gate that cannot be asked',
    message: (a: { gate: string; why: string }) => `gate ${a.gate}: ${a.why}`,
    hint: 'See docs/guides/waves.md.',
  },
  'TRY-SPEC-047': {
    title: 'Removed, but how',
    message: (a: { what: string; why: string }) => `the entry of ${a.what} in \`removed\` ${a.why}`,
    hint: 'See docs/guides/removing.md.',
  },
  'TRY-SPEC-048': {
    title: 'Word of a profile that is written in another way',
    message: (a: { found: string; what: string; suggestion: string }) =>
      `"${a.found}" is no ${a.what}${didYouMean(a.suggestion)}`,
    hint: 'Capabilities are written in capitals and without CAP_, volumes as the field of a pod’s volume.',
  },
  'TRY-SPEC-049': {
    title: 'Word of a profile that is not known',
    message: (a: { found: string; what: string; suggestion: string }) =>
      `this version knows no ${a.what} "${a.found}"${didYouMean(a.suggestion)}`,
    hint: 'Correct it; when Kubernetes or Linux is newer than this version, it may stay.',
  },
  'TRY-SPEC-050': {
    title: 'What could not be judged',
    message: (a: { what: string }) => `because of the mistakes above ${a.what}`,
    hint: 'Correct those, and check again.',
  },
  'TRY-SPEC-051': {
    title: 'Address of a host where a network is wanted',
    message: (a: { found: string; network: string }) =>
      `"${a.found}" is an address in a network, not a network; did you mean ${a.network}?`,
    hint: 'Write the network, or a single address with /32 (IPv6: /128).',
  },
  'TRY-SPEC-900': {
    title: 'Declared, not yet enforced',
    message: (a: { field: string }) => `${a.field} is declared, not yet enforced by this version`,
    hint: 'It is kept and shown; nothing acts on it yet.',
  },

  'TRY-LOCK-001': {
    title: 'Something vanished',
    message: (a: { what: string }) =>
      `${a.what} is in toryo.lock, and no document, \`moved\` or \`removed\` mentions it`,
    hint: 'Restore the document, or say what happens to it in `moved` or `removed` of the Fleet.',
  },
  'TRY-LOCK-002': {
    title: 'Not in toryo.lock',
    message: (a: { what: string; file: string }) => `${a.what} is not in toryo.lock (${a.file})`,
    hint: 'Run `toryo lock` and commit the file.',
  },
  'TRY-LOCK-003': {
    title: 'Unreadable lock file',
    message: (a: { why: string }) => `this lock file cannot be read: ${a.why}`,
    hint: 'Remove it and run `toryo lock`.',
  },
  'TRY-LOCK-004': {
    title: 'Image without a digest',
    message: (a: { object: string; cluster: string; image: string; file: string; line: string }) =>
      `${a.object} on cluster ${a.cluster} runs ${a.image}, and its digest is not under \`images\` of ${a.file}: ${a.line}`,
    hint: 'Run `toryo lock`, which asks the registry, and commit the file; or name the image by digest.',
  },

  'TRY-CODE-001': {
    title: 'The fleet’s code failed',
    message: (a: { why: string }) => a.why,
    hint: 'Correct the code; it may read its own repository, and import toryo and its own files.',
  },
  'TRY-CODE-002': {
    title: 'Code that may not run',
    message: (a: { file: string }) => `${a.file} is code, and this run evaluates none`,
    hint: 'Leave --no-code out where the code is trusted.',
  },
  'TRY-CODE-003': {
    title: 'Code that does not end',
    message: (a: { seconds: number }) => `the fleet's code did not end within ${a.seconds} s`,
    hint: 'A fleet is data: look for an endless loop.',
  },
  'TRY-CODE-004': {
    title: 'Code that says too much',
    message: (a: { limit: string }) => `the fleet's code defines more than ${a.limit}`,
    hint: 'Look for a loop that defines the same again and again.',
  },

  'TRY-OBJ-001': {
    title: 'Not a Kubernetes object',
    message: (a: { missing: string }) => `a manifest without ${a.missing}`,
    hint: 'Every object needs apiVersion, kind and metadata.name.',
  },
  'TRY-OBJ-002': {
    title: 'Object in a foreign namespace',
    message: (a: { object: string; app: string; namespace: string }) =>
      `${a.object} of ${a.app} is not in its namespace ${a.namespace}`,
    hint: 'An App writes into its own namespace only; leave metadata.namespace out.',
  },
  'TRY-OBJ-003': {
    title: 'Cluster-scoped object of a tenant',
    message: (a: { object: string; app: string }) => `${a.object} of ${a.app} is cluster-scoped`,
    hint: 'Only the platform writes such objects: move it to an Addon, or leave it out with `without`.',
  },
  'TRY-OBJ-004': {
    title: 'One object, two owners',
    message: (a: { object: string; owner: string; cluster: string; other: string }) =>
      `${a.object} of ${a.owner} on cluster ${a.cluster} is already written by ${a.other}`,
    hint: 'Leave it out of one of the two with `without`.',
  },
  'TRY-OBJ-005': {
    title: 'Secret with values in Git',
    message: (a: { object: string }) => `${a.object} has values, and Git keeps them forever`,
    hint: 'Keep the values out of Git: write an ExternalSecret instead, where that operator runs, or make the Secret on the cluster by other means; pods name it as before. A Waiver lets a harmless one pass.',
  },
  'TRY-OBJ-006': {
    title: 'Object too large for the API server',
    message: (a: { object: string; size: string; limit: string }) =>
      `${a.object} has ${a.size}; the API server takes ${a.limit}`,
    hint: 'Split it, or drop descriptions from a CustomResourceDefinition.',
  },
  'TRY-OBJ-007': {
    title: 'NetworkPolicy of an App',
    message: (a: { object: string; namespace: string }) =>
      `${a.object}: allows add up, so it could end the isolation of namespace ${a.namespace}`,
    hint: 'Use network sets of the Tenant, say `network: own` there, or leave it out with `without`.',
  },
  'TRY-OBJ-008': {
    title: '`without` that leaves nothing out',
    message: (a: { what: string }) => `no rendered object is ${a.what}`,
    hint: 'Correct KIND/NAME, or remove the entry.',
  },
  'TRY-OBJ-009': {
    title: '`images` that matches no container',
    message: (a: { image: string }) => `no container runs image ${a.image}`,
    hint: 'Use the name in the manifests, without the tag.',
  },
  'TRY-OBJ-010': {
    title: 'Kind that tenants may not write',
    message: (a: { object: string; app: string }) => `${a.app} may not write ${a.object}`,
    hint: 'The platform compiles quotas, limits and namespaces from the Tenant; a DaemonSet is run by the platform as an Addon.',
  },
  'TRY-OBJ-011': {
    title: 'A name that no object may have',
    message: (a: { object: string }) => `${a.object} is not a valid name`,
    hint: 'Use lower-case letters, digits, "-" and ".".',
  },
  'TRY-OBJ-012': {
    title: 'Object in a tenant’s namespace',
    message: (a: { object: string; app: string; tenant: string }) =>
      `${a.object} of ${a.app} stands in a namespace of tenant ${a.tenant}`,
    hint: 'Only the tenant’s own Apps write there: choose another namespace.',
  },
  'TRY-OBJ-013': {
    title: 'A workload that no API server takes',
    message: (a: { object: string; why: string }) => `${a.object}: ${a.why}`,
    hint: 'Correct the manifest; `kubectl explain` says what each field takes.',
  },
  'TRY-OBJ-014': {
    title: 'A custom resource that its definition refuses',
    message: (a: { object: string; cluster: string; why: string }) =>
      `${a.object} on cluster ${a.cluster}: ${a.why}`,
    hint: 'Correct the manifest; the CustomResourceDefinition is the one that the fleet installs.',
  },
  'TRY-OBJ-015': {
    title: 'A file without manifests',
    message: (a: { file: string }) => `${a.file} holds no manifest`,
    hint: 'Documents of Toryo, kustomizations and comments are none; an App of the fleet is named App/TENANT/NAME.',
  },
  'TRY-RENDER-001': {
    title: 'Source that renders nothing',
    message: (a: { owner: string }) => `${a.owner} renders no object`,
    hint: 'Nothing is pruned because of this: correct the source.',
  },
  'TRY-RENDER-002': {
    title: 'Tool that failed',
    message: (a: { tool: string; why: string }) => `${a.tool}: ${a.why}`,
    hint: 'Correct the kustomization or chart; run the tool by hand for more.',
  },
  'TRY-RENDER-003': {
    title: 'Source that this version does not read',
    message: (a: { source: string }) => `sources of kind ${a.source} are not read yet`,
    hint: 'Use path, kustomize, or helm with a chart in the repository.',
  },
  'TRY-RENDER-004': {
    title: 'Chart that is not in toryo.lock',
    message: (a: { chart: string; found: string; locked: string }) =>
      `chart ${a.chart} is ${a.found}, toryo.lock says ${a.locked}`,
    hint: 'Run `toryo lock` after looking at what changed.',
  },

  'TRY-RENDER-005': {
    title: 'Source from the network',
    message: (a: { what: string }) => `${a.what} would be read from the network`,
    hint: 'Copy it into the repository: what is delivered stands in Git.',
  },
  'TRY-RENDER-006': {
    title: 'Helm hook that is left out',
    message: (a: { object: string; hook: string }) =>
      `${a.object} is a ${a.hook} hook, and hooks are not run`,
    hint: 'Deliver what it does as an App of its own, or switch it off in the values.',
  },
  'TRY-RENDER-007': {
    title: 'Template that gives something else each time',
    message: (a: { what: string }) => `${a.what}: rendered without a cluster, and not the same twice`,
    hint: 'Give the value, or the name of an existing Secret, to the chart.',
  },

  'TRY-CAT-001': {
    title: 'Not in the catalogue',
    message: (a: { what: string; known: string; suggestion: string }) =>
      `the catalogue has no ${a.what}${didYouMean(a.suggestion)}`,
    hint: 'Use a source of your own: `from: { path: … }`.',
  },
  'TRY-CAT-002': {
    title: 'Values that the catalogue entry does not take',
    message: (a: { addon: string }) => `the catalogue's ${a.addon} takes no values`,
    hint: 'Remove `values`, or use a chart.',
  },

  'TRY-SEC-001': {
    title: 'Pods that Pod Security refuses',
    message: (a: { object: string; cluster: string; controls: string; words: string }) =>
      `${a.object} on cluster ${a.cluster}: the API server would refuse its pods for ${a.controls}: ${a.words}`,
    hint: 'Correct the pod’s fields that it names, or give the namespace a profile that lets them in.',
  },

  'TRY-SEC-010': podRule(
    'Privileged containers',
    'Leave out securityContext.privileged, or give its service account a profile with `privileged: true`.',
  ),
  'TRY-SEC-011': podRule(
    'Containers that may gain privileges',
    'Set securityContext.allowPrivilegeEscalation: false; `fill: [allowPrivilegeEscalation]` in the profile writes it where nothing is said.',
  ),
  'TRY-SEC-012': podRule(
    'Users that a pod may not run as',
    'Set runAsNonRoot: true and a user that is not 0, or with runAsUser MustRunAs a user of one of the profile’s ranges; `fill: [runAsNonRoot]`, or `fill: [runAsUser]`, in the profile writes it where nothing is said.',
  ),
  'TRY-SEC-013': podRule(
    'Groups that a pod may not run as',
    'Set runAsGroup to one of the profile’s ranges.',
  ),
  'TRY-SEC-014': podRule(
    'Supplemental groups outside the ranges',
    'Set supplementalGroups within the profile’s ranges.',
  ),
  'TRY-SEC-015': podRule('Group of volumes outside the ranges', 'Set fsGroup within the profile’s ranges.'),
  'TRY-SEC-016': podRule(
    'Capabilities that are not dropped',
    'Set capabilities.drop: [ALL]; `fill: [dropCapabilities]` in the profile writes it where nothing is said.',
  ),
  'TRY-SEC-017': podRule(
    'Capabilities that are added',
    'Leave them out, or name them in the profile’s allowedCapabilities.',
  ),
  'TRY-SEC-018': podRule('Kinds of volumes', 'Use one of the kinds in the profile’s volumes.'),
  'TRY-SEC-019': podRule(
    'Paths of the node',
    'Mount it read-only below one of the profile’s allowedHostPaths.',
  ),
  'TRY-SEC-020': podRule('Namespaces of the node', 'Leave out hostNetwork, hostIPC and hostPID.'),
  'TRY-SEC-021': podRule(
    'Ports of the node',
    'Leave out hostPort, or name the port in the profile’s hostPorts.',
  ),
  'TRY-SEC-022': podRule(
    'Seccomp profiles',
    'Set seccompProfile: {type: RuntimeDefault}; `fill: [seccomp]` in the profile writes it where nothing is said.',
  ),
  'TRY-SEC-023': podRule(
    'AppArmor profiles',
    'Leave appArmorProfile out, or name it in the profile’s appArmor.',
  ),
  'TRY-SEC-024': podRule(
    'SELinux options',
    'Leave seLinuxOptions out, or allow them with the profile’s seLinux.',
  ),
  'TRY-SEC-025': podRule('Ways to mount /proc', 'Leave procMount out.'),
  'TRY-SEC-026': podRule(
    'Kernel settings',
    'Leave the setting out, or name it in the profile’s allowedUnsafeSysctls.',
  ),
  'TRY-SEC-027': podRule(
    'Root filesystems that can be written',
    'Set readOnlyRootFilesystem: true and mount an emptyDir where the program writes.',
  ),
  'TRY-SEC-028': podRule('Images of other registries', 'Copy the image to one of the profile’s registries.'),
  'TRY-SEC-029': podRule(
    'Images without a digest',
    'Name the image by its sha256 digest, or by `registry/repository:tag`, whose digest `toryo lock` finds.',
  ),
  'TRY-SEC-030': podRule(
    'Drivers of volumes',
    'Name the driver in the profile’s allowedCSIDrivers or allowedFlexVolumes.',
  ),
  'TRY-SEC-031': podRule(
    'Runtime classes',
    'Leave runtimeClassName out, or name it in the profile’s runtimeClasses.',
  ),
  'TRY-SEC-032': podRule(
    'Probes that call another host',
    'Leave `host` out: the pod’s own address is asked.',
  ),
  'TRY-SEC-033': podRule('Processes of the Windows node', 'Leave out windowsOptions.hostProcess.'),
  'TRY-SEC-040': podRule(
    'Service accounts with a profile of their own',
    'Name another service account, or let the platform run it as an Addon. Only Toryo, the controllers of kube-system and who has the verb `use` on the Guard may name it.',
  ),
  'TRY-SEC-041': podRule('DaemonSets of tenants', 'Ask the platform to run it as an Addon.'),
  'TRY-SEC-042': podRule(
    'Types of Services',
    'Use type ClusterIP behind the ingress, or name the type in the namespace’s serviceTypes.',
  ),
  'TRY-SEC-043': podRule('External addresses of Services', 'Leave externalIPs out.'),
  'TRY-SEC-044': podRule(
    'Labels that guard a namespace',
    'Change the Tenant or the profile in the fleet repository; or let a role have the verb `guard` on the namespace.',
  ),
  'TRY-SEC-045': podRule(
    'Protection from deletion',
    'Annotate it with toryo.dev/delete and its own name, then delete it.',
  ),
  'TRY-SEC-046': {
    title: 'Service account with a profile of its own where a team may edit',
    message: (a: { namespace: string; team: string; profile: string }) =>
      `team ${a.team} may write workloads in namespace ${a.namespace}, and with them borrow profile ${a.profile} of its service account`,
    hint: 'Teams hold in all namespaces of their Tenant: give the service account a namespace of another Tenant, in which no team has edit or admin.',
  },
  'TRY-SEC-047': {
    title: 'What a profile that is tried would refuse',
    message: (a: { object: string; cluster: string; sentence: string }) =>
      `${a.object} on cluster ${a.cluster} is not refused yet: ${a.sentence}`,
    hint: 'Correct it before the profile holds.',
  },
  'TRY-SEC-060': podRule(
    'Bounds of a LimitRange',
    'Change the requests and limits of the container or the claim, or the limits of the namespace in the Tenant.',
  ),
  'TRY-SEC-061': podRule(
    'What a ResourceQuota wants to be said',
    'Say the container’s requests and limits, or give the namespace defaults in the Tenant’s limits.',
  ),
  'TRY-SEC-062': podRule(
    'ValidatingAdmissionPolicies of your own',
    'Correct what the policy names, or the policy.',
  ),
  'TRY-SEC-050': {
    title: 'Waiver of a rule that may not be waived',
    message: (a: { rule: string; profile: string; namespace: string }) =>
      `profile ${a.profile} of namespace ${a.namespace} does not let ${a.rule} be waived`,
    hint: 'Name the rule in the profile’s waivable.rules, or leave the Waiver out.',
  },
  'TRY-SEC-051': {
    title: 'Waiver that lasts too long',
    message: (a: { days: number; atMost: string; profile: string }) =>
      `it expires in ${a.days} days; profile ${a.profile} wants at most ${a.atMost}`,
    hint: 'Let it expire earlier.',
  },
  'TRY-SEC-052': {
    title: 'Waiver that nothing needs',
    message: (a: {
      rule: string;
      missing: string;
      suggestion: string;
      /** `namespace lab: Pod Security enforce restricted -> privileged`. */
      opened: string;
      /** The Waiver that lets the same in, and its place. */
      other: string;
    }) => {
      if (a.other !== '') return `${a.other} lets the same in`;
      const container = a.missing === '' ? '' : `: none of its pods has a container "${a.missing}"`;
      const opened = a.opened === '' ? '' : ` (${a.opened}, all the same)`;
      return `nothing that it is for breaks ${a.rule}${opened}${container}${didYouMean(a.suggestion)}`;
    },
    hint: 'Remove it, or correct its target.',
  },
  'TRY-SEC-053': {
    title: 'Waiver that lets in more than it is for',
    message: (a: { what: string; next: string }) => `${a.what}; ${a.next}`,
    hint: 'Clusters know no Apps: a Waiver holds for every pod of its service accounts, and where it names a container, for that one alone.',
  },

  'TRY-SEC-054': {
    title: 'Rule that no Waiver can leave out',
    message: (a: { rule: string; title: string; where: string }) =>
      `${a.where}${a.title === '' ? `there is no rule ${a.rule}` : `${a.rule} (${a.title}) cannot be waived`}`,
    hint: 'Rules that can be waived: TRY-SEC-010 to TRY-SEC-033, and TRY-OBJ-005.',
  },
  'TRY-SEC-055': {
    title: 'Waiver that nobody known answers for',
    message: (a: { owner: string; suggestion: string }) =>
      `owner "${a.owner}" is no team of a tenant and not platform${didYouMean(a.suggestion)}`,
    hint: 'Name a team of a Tenant, or platform.',
  },

  'TRY-PSP-001': {
    title: 'A PodSecurityPolicy that Kubernetes would not take',
    message: (a: { policy: string; field: string; why: string }) =>
      `PodSecurityPolicy ${a.policy}: ${a.field}: ${a.why}`,
    hint: 'Correct it, or export it from a cluster: kubectl get psp -o yaml.',
  },
  'TRY-PSP-002': {
    title: 'A PodSecurityPolicy that is not whole',
    message: (a: { policy: string; rules: string }) =>
      `PodSecurityPolicy ${a.policy} has no rule for ${a.rules}, which is read as RunAsAny: it looks like a patch`,
    hint: 'Render it first (kubectl kustomize), or import what the cluster has.',
  },
  'TRY-PSP-003': {
    title: 'Two PodSecurityPolicies of one name',
    message: (a: { policy: string; other: string; profile: string }) =>
      `PodSecurityPolicy ${a.policy} is another than the one at ${a.other}; it becomes profile ${a.profile}, and bindings mean the first`,
    hint: 'Import one cluster at a time.',
  },
  'TRY-PSP-004': {
    title: 'No PodSecurityPolicy',
    message: (a: { where: string }) => `no PodSecurityPolicy in ${a.where}`,
    hint: 'Export them: kubectl get psp,clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml.',
  },
  'TRY-PSP-005': {
    title: 'Field that a PodSecurityPolicy does not have',
    message: (a: { policy: string; field: string }) =>
      `PodSecurityPolicy ${a.policy}: there is no field ${a.field}: the API server would have dropped it`,
    hint: 'Look for a misspelt field; what it should say is not in the profile.',
  },
  'TRY-PSP-006': {
    title: 'Right to use a PodSecurityPolicy that is not there',
    message: (a: { via: string; policy: string }) =>
      `${a.via} lets somebody use PodSecurityPolicy ${a.policy}, which is not in the input`,
    hint: 'Add the policy to the input, or remove the binding.',
  },
  'TRY-PSP-007': {
    title: 'Capability that a PodSecurityPolicy writes in another way',
    message: (a: { policy: string; field: string; found: string; named: string }) =>
      `PodSecurityPolicy ${a.policy}: ${a.field}: the profile says ${a.named} for "${a.found}"; the policy compared letters, so it was about pods that write ${a.found} and not about ${a.named}`,
    hint: 'Write capabilities in capitals and without CAP_ in pods: the profile and Pod Security know them only so. What is answered differently is among the differences.',
  },
  'TRY-PSP-008': {
    title: 'Word of a PodSecurityPolicy that is no capability',
    message: (a: { policy: string; field: string; found: string }) =>
      `PodSecurityPolicy ${a.policy}: ${a.field}: "${a.found}" is no capability that is known; the profile says it as it stands`,
    hint: 'Correct it in the profile, or leave it out: `toryo check` tells what it takes for a mistake.',
  },
  'TRY-PSP-009': {
    title: 'Word of a PodSecurityPolicy that is no kind of volumes',
    message: (a: { policy: string; found: string; suggestion: string }) =>
      `PodSecurityPolicy ${a.policy}: volumes: "${a.found}" is no kind of volumes that the API server would have taken${didYouMean(a.suggestion)}`,
    hint: 'Correct it in the policy, or leave it out of the profile: `toryo check` tells what it takes for a mistake.',
  },
  'TRY-PSP-010': {
    title: 'Capability that a PodSecurityPolicy drops and lets in',
    message: (a: { policy: string; field: string; found: string }) =>
      `PodSecurityPolicy ${a.policy}: ${a.field}: "${a.found}" is among requiredDropCapabilities too: the API server would not have taken it`,
    hint: 'Leave it in one of the two; as it stands every pod must drop it, and may add it.',
  },
  'TRY-PSP-011': {
    title: 'Range of a PodSecurityPolicy without a port',
    message: (a: { policy: string; range: string }) =>
      `PodSecurityPolicy ${a.policy}: hostPorts ${a.range} holds no port, so it allows none`,
    hint: 'The profile leaves it out; where ports were meant, write the smaller one as min.',
  },
  'TRY-PSP-012': {
    title: 'Binding to a role that is not in the input',
    message: (a: { via: string; role: string }) =>
      `${a.via}: role ${a.role} is not in the input: whether it gives use of PodSecurityPolicies is not known`,
    hint: 'Add it to the input: kubectl get clusterroles,roles -A -o yaml.',
  },
  'TRY-PSP-013': {
    title: 'Document that is no object',
    message: (a: { found: string }) => `${a.found}, not an object of Kubernetes: nothing is read from it`,
    hint: 'Look for a manifest that lost its fields, or output of a command that failed; leave it out else.',
  },
  'TRY-PSP-014': {
    title: 'PodSecurityPolicy of a version that no API server had',
    message: (a: { policy: string; found: string }) =>
      `PodSecurityPolicy ${a.policy}: apiVersion ${a.found} was never served; it is read as policy/v1beta1`,
    hint: 'Write policy/v1beta1, and look whether the policy was ever on a cluster: as it stands none took it.',
  },

  'TRY-NET-001': {
    title: 'NetworkPolicies that nothing enforces',
    message: (a: { clusters: string }) =>
      `NetworkPolicies are stored and not known to be enforced on ${a.clusters}`,
    hint: 'Say `networkPolicies: enforced` on a cluster whose CNI does; a sandbox only stores them.',
  },
  'TRY-NET-002': {
    title: 'Network set without an add-on',
    message: (a: { set: string; cluster: string }) =>
      `no Addon on cluster ${a.cluster} has the role ${a.set}: nothing is let through`,
    hint: 'Give an Addon `role: { is: …, pods: … }`, or remove the set.',
  },
  'TRY-NET-003': {
    title: 'Network set that cannot call in',
    message: (a: { set: string }) => `${a.set} is for egress only`,
    hint: 'Remove it from `ingress`.',
  },
  'TRY-NET-004': {
    title: 'Addresses of the API server not known',
    message: (a: { cluster: string }) =>
      `kube-api: the API server's addresses of cluster ${a.cluster} are not known yet: nothing is let through`,
    hint: 'Add a networkSet with its addresses to the Fleet.',
  },
  'TRY-NET-005': {
    title: 'NetworkPolicy that lets another tenant in',
    message: (a: { object: string; app: string; tenants: string; cluster: string }) =>
      `${a.object} of ${a.app} lets pods of other tenants in on cluster ${a.cluster}: ${a.tenants}`,
    hint: 'Name your own namespaces in `from`; `toryo guard reach --isolation` shows what is open.',
  },

  'TRY-QUOTA-001': {
    title: 'More quota than the cluster can have',
    message: (a: { cluster: string; what: string }) =>
      `quotas on cluster ${a.cluster} promise more than all of its nodes have: ${a.what}`,
    hint: 'Lower quotas of Tenants, or raise nodes.max of a pool: the last to ask gets nothing, whatever its quota says.',
  },
  'TRY-QUOTA-002': {
    title: 'More quota than the smallest number of nodes has',
    message: (a: { cluster: string; what: string }) =>
      `quotas on cluster ${a.cluster} promise more than nodes.min have, so it needs the autoscaler: ${a.what}`,
    hint: 'Nothing to do where an autoscaler runs; else raise nodes.min of a pool.',
  },
  'TRY-QUOTA-003': {
    title: 'Quota too small for what its namespace is to hold',
    message: (a: {
      subject: string;
      field: string;
      cluster: string;
      wanted: string;
      hard: string;
      who: string;
    }) =>
      `${a.subject} on cluster ${a.cluster}: ${a.wanted} of ${a.field} wanted, ${a.hard} there (${a.who})`,
    hint: 'Let its Apps ask for less (replicas, requests, claims), or raise the quota: the last to ask gets nothing.',
  },
  'TRY-QUOTA-004': {
    title: 'Quota or limits that no API server takes',
    message: (a: { subject: string; field: string; words: string; suggestion: string }) =>
      `${a.subject}: ${a.field}: ${a.words}${didYouMean(a.suggestion)}`,
    hint: 'Correct the name or the amount; names are those of ResourceQuota and LimitRange, with a domain for others (requests.nvidia.com/gpu).',
  },
} as const;

function didYouMean(suggestion: string): string {
  return suggestion === '' ? '' : `, did you mean "${suggestion}"?`;
}
