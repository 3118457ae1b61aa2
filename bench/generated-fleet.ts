import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How large a generated fleet is: each cluster has a tenant of its own, each App six objects of its own. */
export interface FleetSize {
  readonly clusters: number;
  readonly appsPerCluster: number;
}

const header = 'apiVersion: toryo.dev/v1alpha1\n';

/** Writes a fleet repository of that size into an empty folder; gives the number of objects in its Apps. */
export function writeFleet(root: string, size: FleetSize): number {
  put(root, 'fleet.yaml', fleetText);
  for (let cluster = 0; cluster < size.clusters; cluster += 1)
    writeCluster(root, `c${cluster}`, size.appsPerCluster);
  return size.clusters * size.appsPerCluster * 6;
}

const fleetText = `${header}kind: Fleet
metadata: { name: bench }
spec:
  environments: [{ name: staging }, { name: production }]
  waves: [{ name: first, select: { environment: staging } }, { name: rest, select: all }]
---
${header}kind: SecurityProfile
metadata: { name: restricted }
spec: { readOnlyRootFilesystem: false }
---
${header}kind: ClusterTemplate
metadata: { name: standard }
spec:
  provider: sandbox
  version: "1.35"
  pools: [{ name: general, instanceTypes: [m6i.large], nodes: { min: 3, max: 6 } }]
`;

function writeCluster(root: string, name: string, apps: number): void {
  put(
    root,
    `clusters/${name}.yaml`,
    `${header}kind: Cluster\nmetadata: { name: ${name}, labels: { product: ${name} } }\nspec: { from: standard, environment: ${name === 'c0' ? 'staging' : 'production'}, vars: { domain: ${name}.example.com } }\n`,
  );
  put(root, `tenants/${name}.yaml`, tenantText(name));
  for (let app = 0; app < apps; app += 1) {
    put(root, `apps/${name}/app${app}/app.yaml`, appText(name, app));
    put(root, `apps/${name}/app${app}/manifests/all.yaml`, manifestsText(app));
  }
}

function tenantText(name: string): string {
  return `${header}kind: Tenant
metadata: { name: ${name} }
spec:
  clusters: { product: ${name} }
  paths: [apps/${name}/**]
  teams: [{ name: dev, group: "${name}:dev", can: [edit, exec] }]
  namespaces:
    - name: ${name}
      profile: restricted
      quota: { cpu: "40", memory: 80Gi, pods: 200 }
      network: { ingress: [same-namespace], egress: [dns, same-namespace] }
`;
}

function appText(tenant: string, app: number): string {
  return `${header}kind: App
metadata: { name: app${app} }
spec:
  tenant: ${tenant}
  namespace: ${tenant}
  clusters: { product: ${tenant} }
  source: { path: manifests }
  images: { web: "registry.example.com/${tenant}/web:1.${app}.0" }
  overrides:
    - { select: { environment: [production, staging] }, images: { web: "registry.example.com/${tenant}/web:1.${app}.1" } }
`;
}

function manifestsText(app: number): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: { name: web${app} }
data:
  log.level: info
  settings.json: |
    { "workers": 4, "timeout": "30s", "features": ["a", "b", "c"] }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: web${app} }
---
apiVersion: v1
kind: Service
metadata: { name: web${app}, labels: { app: web${app} } }
spec:
  selector: { app: web${app} }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web${app}, labels: { app: web${app} } }
spec:
  selector:
    matchLabels: { app: web${app} }
  template:
    metadata:
      labels: { app: web${app} }
    spec:
      serviceAccountName: web${app}
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: web
          image: web
          envFrom: [{ configMapRef: { name: web${app} } }]
          ports: [{ name: http, containerPort: 8080 }]
          resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi } }
          readinessProbe: { httpGet: { path: /ready, port: http } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web${app} }
spec:
  maxUnavailable: 1
  selector:
    matchLabels: { app: web${app} }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web${app} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web${app} }
  minReplicas: 2
  maxReplicas: 6
  metrics: [{ type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }]
`;
}

function put(root: string, file: string, text: string): void {
  const absolute = path.join(root, file);
  mkdirSync(path.dirname(absolute), { recursive: true });
  writeFileSync(absolute, text);
}
