// Made by scripts/pod-fields.ts from the OpenAPI document of an API server.

/** The minor version of Kubernetes whose fields these are. */
export const podFieldsVersion = '1.36';

/** Fields of each kind that has pods, and of the types below it: `name` is a text, `name:type` another; `[]` a list of them, `[name]` one in which no two are alike in that field, `{}` a map. */
export const podFields: Readonly<Record<string, string>> = {
  AWSElasticBlockStoreVolumeSource: 'fsType partition:number readOnly:truth volumeID',
  Affinity: 'nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity',
  AppArmorProfile: 'localhostProfile type',
  AzureDiskVolumeSource: 'cachingMode diskName diskURI fsType kind readOnly:truth',
  AzureFileVolumeSource: 'readOnly:truth secretName shareName',
  CSIVolumeSource:
    'driver fsType nodePublishSecretRef:LocalObjectReference readOnly:truth volumeAttributes:text{}',
  Capabilities: 'add:text[] drop:text[]',
  CephFSVolumeSource: 'monitors:text[] path readOnly:truth secretFile secretRef:LocalObjectReference user',
  CinderVolumeSource: 'fsType readOnly:truth secretRef:LocalObjectReference volumeID',
  ClusterTrustBundleProjection: 'labelSelector:LabelSelector name optional:truth path signerName',
  ConfigMapEnvSource: 'name optional:truth',
  ConfigMapKeySelector: 'key name optional:truth',
  ConfigMapProjection: 'items:KeyToPath[] name optional:truth',
  ConfigMapVolumeSource: 'defaultMode:number items:KeyToPath[] name optional:truth',
  Container:
    'args:text[] command:text[] env:EnvVar[name] envFrom:EnvFromSource[] image imagePullPolicy lifecycle:Lifecycle livenessProbe:Probe name ports:ContainerPort[containerPort,protocol] readinessProbe:Probe resizePolicy:ContainerResizePolicy[] resources:ResourceRequirements restartPolicy restartPolicyRules:ContainerRestartRule[] securityContext:SecurityContext startupProbe:Probe stdin:truth stdinOnce:truth terminationMessagePath terminationMessagePolicy tty:truth volumeDevices:VolumeDevice[devicePath] volumeMounts:VolumeMount[mountPath] workingDir',
  ContainerPort: 'containerPort:number hostIP hostPort:number name protocol',
  ContainerResizePolicy: 'resourceName restartPolicy',
  ContainerRestartRule: 'action exitCodes:ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'operator values:number[]',
  CronJob: 'apiVersion kind metadata:ObjectMeta spec:CronJobSpec status:any',
  CronJobSpec:
    'concurrencyPolicy failedJobsHistoryLimit:number jobTemplate:JobTemplateSpec schedule startingDeadlineSeconds:number successfulJobsHistoryLimit:number suspend:truth timeZone',
  DaemonSet: 'apiVersion kind metadata:ObjectMeta spec:DaemonSetSpec status:any',
  DaemonSetSpec:
    'minReadySeconds:number revisionHistoryLimit:number selector:LabelSelector template:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy',
  DaemonSetUpdateStrategy: 'rollingUpdate:RollingUpdateDaemonSet type',
  Deployment: 'apiVersion kind metadata:ObjectMeta spec:DeploymentSpec status:any',
  DeploymentSpec:
    'minReadySeconds:number paused:truth progressDeadlineSeconds:number replicas:number revisionHistoryLimit:number selector:LabelSelector strategy:DeploymentStrategy template:PodTemplateSpec',
  DeploymentStrategy: 'rollingUpdate:RollingUpdateDeployment type',
  DownwardAPIProjection: 'items:DownwardAPIVolumeFile[]',
  DownwardAPIVolumeFile:
    'fieldRef:ObjectFieldSelector mode:number path resourceFieldRef:ResourceFieldSelector',
  DownwardAPIVolumeSource: 'defaultMode:number items:DownwardAPIVolumeFile[]',
  EmptyDirVolumeSource: 'medium sizeLimit:quantity',
  EnvFromSource: 'configMapRef:ConfigMapEnvSource prefix secretRef:SecretEnvSource',
  EnvVar: 'name value valueFrom:EnvVarSource',
  EnvVarSource:
    'configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector',
  EphemeralContainer:
    'args:text[] command:text[] env:EnvVar[name] envFrom:EnvFromSource[] image imagePullPolicy lifecycle:Lifecycle livenessProbe:Probe name ports:ContainerPort[containerPort,protocol] readinessProbe:Probe resizePolicy:ContainerResizePolicy[] resources:ResourceRequirements restartPolicy restartPolicyRules:ContainerRestartRule[] securityContext:SecurityContext startupProbe:Probe stdin:truth stdinOnce:truth targetContainerName terminationMessagePath terminationMessagePolicy tty:truth volumeDevices:VolumeDevice[devicePath] volumeMounts:VolumeMount[mountPath] workingDir',
  EphemeralVolumeSource: 'volumeClaimTemplate:PersistentVolumeClaimTemplate',
  ExecAction: 'command:text[]',
  FCVolumeSource: 'fsType lun:number readOnly:truth targetWWNs:text[] wwids:text[]',
  FileKeySelector: 'key optional:truth path volumeName',
  FlexVolumeSource: 'driver fsType options:text{} readOnly:truth secretRef:LocalObjectReference',
  FlockerVolumeSource: 'datasetName datasetUUID',
  GCEPersistentDiskVolumeSource: 'fsType partition:number pdName readOnly:truth',
  GRPCAction: 'port:number service',
  GitRepoVolumeSource: 'directory repository revision',
  GlusterfsVolumeSource: 'endpoints path readOnly:truth',
  HTTPGetAction: 'host httpHeaders:HTTPHeader[] path port:either scheme',
  HTTPHeader: 'name value',
  HostAlias: 'hostnames:text[] ip',
  HostPathVolumeSource: 'path type',
  ISCSIVolumeSource:
    'chapAuthDiscovery:truth chapAuthSession:truth fsType initiatorName iqn iscsiInterface lun:number portals:text[] readOnly:truth secretRef:LocalObjectReference targetPortal',
  ImageVolumeSource: 'pullPolicy reference',
  Job: 'apiVersion kind metadata:ObjectMeta spec:JobSpec status:any',
  JobSpec:
    'activeDeadlineSeconds:number backoffLimit:number backoffLimitPerIndex:number completionMode completions:number managedBy manualSelector:truth maxFailedIndexes:number parallelism:number podFailurePolicy:PodFailurePolicy podReplacementPolicy selector:LabelSelector successPolicy:SuccessPolicy suspend:truth template:PodTemplateSpec ttlSecondsAfterFinished:number',
  JobTemplateSpec: 'metadata:ObjectMeta spec:JobSpec',
  KeyToPath: 'key mode:number path',
  LabelSelector: 'matchExpressions:LabelSelectorRequirement[] matchLabels:text{}',
  LabelSelectorRequirement: 'key operator values:text[]',
  Lifecycle: 'postStart:LifecycleHandler preStop:LifecycleHandler stopSignal',
  LifecycleHandler: 'exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction',
  LocalObjectReference: 'name',
  ManagedFieldsEntry: 'apiVersion fieldsType fieldsV1:any manager operation subresource time',
  NFSVolumeSource: 'path readOnly:truth server',
  NodeAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:PreferredSchedulingTerm[] requiredDuringSchedulingIgnoredDuringExecution:NodeSelector',
  NodeSelector: 'nodeSelectorTerms:NodeSelectorTerm[]',
  NodeSelectorRequirement: 'key operator values:text[]',
  NodeSelectorTerm: 'matchExpressions:NodeSelectorRequirement[] matchFields:NodeSelectorRequirement[]',
  ObjectFieldSelector: 'apiVersion fieldPath',
  ObjectMeta:
    'annotations:text{} creationTimestamp deletionGracePeriodSeconds:number deletionTimestamp finalizers:text[] generateName generation:number labels:text{} managedFields:ManagedFieldsEntry[] name namespace ownerReferences:OwnerReference[uid] resourceVersion selfLink uid',
  OwnerReference: 'apiVersion blockOwnerDeletion:truth controller:truth kind name uid',
  PersistentVolumeClaim: 'apiVersion kind metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:any',
  PersistentVolumeClaimSpec:
    'accessModes:text[] dataSource:TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName volumeAttributesClassName volumeMode volumeName',
  PersistentVolumeClaimTemplate: 'metadata:ObjectMeta spec:PersistentVolumeClaimSpec',
  PersistentVolumeClaimVolumeSource: 'claimName readOnly:truth',
  PhotonPersistentDiskVolumeSource: 'fsType pdID',
  Pod: 'apiVersion kind metadata:ObjectMeta spec:PodSpec status:any',
  PodAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[] requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]',
  PodAffinityTerm:
    'labelSelector:LabelSelector matchLabelKeys:text[] mismatchLabelKeys:text[] namespaceSelector:LabelSelector namespaces:text[] topologyKey',
  PodAntiAffinity:
    'preferredDuringSchedulingIgnoredDuringExecution:WeightedPodAffinityTerm[] requiredDuringSchedulingIgnoredDuringExecution:PodAffinityTerm[]',
  PodCertificateProjection:
    'certificateChainPath credentialBundlePath keyPath keyType maxExpirationSeconds:number signerName userAnnotations:text{}',
  PodDNSConfig: 'nameservers:text[] options:PodDNSConfigOption[] searches:text[]',
  PodDNSConfigOption: 'name value',
  PodFailurePolicy: 'rules:PodFailurePolicyRule[]',
  PodFailurePolicyOnExitCodesRequirement: 'containerName operator values:number[]',
  PodFailurePolicyOnPodConditionsPattern: 'status type',
  PodFailurePolicyRule:
    'action onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:PodFailurePolicyOnPodConditionsPattern[]',
  PodOS: 'name',
  PodReadinessGate: 'conditionType',
  PodResourceClaim: 'name resourceClaimName resourceClaimTemplateName',
  PodSchedulingGate: 'name',
  PodSchedulingGroup: 'podGroupName',
  PodSecurityContext:
    'appArmorProfile:AppArmorProfile fsGroup:number fsGroupChangePolicy runAsGroup:number runAsNonRoot:truth runAsUser:number seLinuxChangePolicy seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:number[] supplementalGroupsPolicy sysctls:Sysctl[] windowsOptions:WindowsSecurityContextOptions',
  PodSpec:
    'activeDeadlineSeconds:number affinity:Affinity automountServiceAccountToken:truth containers:Container[name] dnsConfig:PodDNSConfig dnsPolicy enableServiceLinks:truth ephemeralContainers:EphemeralContainer[name] hostAliases:HostAlias[ip] hostIPC:truth hostNetwork:truth hostPID:truth hostUsers:truth hostname hostnameOverride imagePullSecrets:LocalObjectReference[name] initContainers:Container[name] nodeName nodeSelector:text{} os:PodOS overhead:quantity{} preemptionPolicy priority:number priorityClassName readinessGates:PodReadinessGate[] resourceClaims:PodResourceClaim[name] resources:ResourceRequirements restartPolicy runtimeClassName schedulerName schedulingGates:PodSchedulingGate[name] schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount serviceAccountName setHostnameAsFQDN:truth shareProcessNamespace:truth subdomain terminationGracePeriodSeconds:number tolerations:Toleration[] topologySpreadConstraints:TopologySpreadConstraint[topologyKey,whenUnsatisfiable] volumes:Volume[name]',
  PodTemplate: 'apiVersion kind metadata:ObjectMeta template:PodTemplateSpec',
  PodTemplateSpec: 'metadata:ObjectMeta spec:PodSpec',
  PortworxVolumeSource: 'fsType readOnly:truth volumeID',
  PreferredSchedulingTerm: 'preference:NodeSelectorTerm weight:number',
  Probe:
    'exec:ExecAction failureThreshold:number grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:number periodSeconds:number successThreshold:number tcpSocket:TCPSocketAction terminationGracePeriodSeconds:number timeoutSeconds:number',
  ProjectedVolumeSource: 'defaultMode:number sources:VolumeProjection[]',
  QuobyteVolumeSource: 'group readOnly:truth registry tenant user volume',
  RBDVolumeSource:
    'fsType image keyring monitors:text[] pool readOnly:truth secretRef:LocalObjectReference user',
  ReplicaSet: 'apiVersion kind metadata:ObjectMeta spec:ReplicaSetSpec status:any',
  ReplicaSetSpec: 'minReadySeconds:number replicas:number selector:LabelSelector template:PodTemplateSpec',
  ReplicationController: 'apiVersion kind metadata:ObjectMeta spec:ReplicationControllerSpec status:any',
  ReplicationControllerSpec:
    'minReadySeconds:number replicas:number selector:text{} template:PodTemplateSpec',
  ResourceClaim: 'name request',
  ResourceFieldSelector: 'containerName divisor:quantity resource',
  ResourceRequirements: 'claims:ResourceClaim[name] limits:quantity{} requests:quantity{}',
  RollingUpdateDaemonSet: 'maxSurge:either maxUnavailable:either',
  RollingUpdateDeployment: 'maxSurge:either maxUnavailable:either',
  RollingUpdateStatefulSetStrategy: 'maxUnavailable:either partition:number',
  SELinuxOptions: 'level role type user',
  ScaleIOVolumeSource:
    'fsType gateway protectionDomain readOnly:truth secretRef:LocalObjectReference sslEnabled:truth storageMode storagePool system volumeName',
  SeccompProfile: 'localhostProfile type',
  SecretEnvSource: 'name optional:truth',
  SecretKeySelector: 'key name optional:truth',
  SecretProjection: 'items:KeyToPath[] name optional:truth',
  SecretVolumeSource: 'defaultMode:number items:KeyToPath[] optional:truth secretName',
  SecurityContext:
    'allowPrivilegeEscalation:truth appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:truth procMount readOnlyRootFilesystem:truth runAsGroup:number runAsNonRoot:truth runAsUser:number seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions',
  ServiceAccountTokenProjection: 'audience expirationSeconds:number path',
  SleepAction: 'seconds:number',
  StatefulSet: 'apiVersion kind metadata:ObjectMeta spec:StatefulSetSpec status:any',
  StatefulSetOrdinals: 'start:number',
  StatefulSetPersistentVolumeClaimRetentionPolicy: 'whenDeleted whenScaled',
  StatefulSetSpec:
    'minReadySeconds:number ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy replicas:number revisionHistoryLimit:number selector:LabelSelector serviceName template:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:PersistentVolumeClaim[]',
  StatefulSetUpdateStrategy: 'rollingUpdate:RollingUpdateStatefulSetStrategy type',
  StorageOSVolumeSource: 'fsType readOnly:truth secretRef:LocalObjectReference volumeName volumeNamespace',
  SuccessPolicy: 'rules:SuccessPolicyRule[]',
  SuccessPolicyRule: 'succeededCount:number succeededIndexes',
  Sysctl: 'name value',
  TCPSocketAction: 'host port:either',
  Toleration: 'effect key operator tolerationSeconds:number value',
  TopologySpreadConstraint:
    'labelSelector:LabelSelector matchLabelKeys:text[] maxSkew:number minDomains:number nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable',
  TypedLocalObjectReference: 'apiGroup kind name',
  TypedObjectReference: 'apiGroup kind name namespace',
  Volume:
    'awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource',
  VolumeDevice: 'devicePath name',
  VolumeMount: 'mountPath mountPropagation name readOnly:truth recursiveReadOnly subPath subPathExpr',
  VolumeProjection:
    'clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection',
  VolumeResourceRequirements: 'limits:quantity{} requests:quantity{}',
  VsphereVirtualDiskVolumeSource: 'fsType storagePolicyID storagePolicyName volumePath',
  WeightedPodAffinityTerm: 'podAffinityTerm:PodAffinityTerm weight:number',
  WindowsSecurityContextOptions: 'gmsaCredentialSpec gmsaCredentialSpecName hostProcess:truth runAsUserName',
};
