/** A Kubernetes object, as far as the policies look at it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly template?: { readonly spec?: PodSpec }; readonly jobTemplate?: { readonly spec?: { readonly template?: { readonly spec?: PodSpec } } } };
}

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type?: string } };
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly securityContext?: { readonly allowPrivilegeEscalation?: boolean; readonly privileged?: boolean; readonly readOnlyRootFilesystem?: boolean; readonly capabilities?: { readonly drop?: readonly string[] } };
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> };
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: object } }[];
  readonly envFrom?: readonly { readonly secretRef?: object }[];
  readonly livenessProbe?: object;
  readonly readinessProbe?: object;
  readonly startupProbe?: object;
}

const CLUSTER_WIDE = ['Namespace'];

/** What an object breaks of our rules, one line each: Pod Security *restricted*, and what an operator needs to sleep. */
export function violations(manifest: Manifest): string[] {
  const name = `${manifest.kind}/${manifest.metadata.name}`;
  const pod = manifest.spec?.template?.spec ?? manifest.spec?.jobTemplate?.spec?.template?.spec;
  return [...ofObject(manifest), ...(pod?.containers ? ofPod(pod, manifest.kind === 'Deployment') : [])].map((rule) => `${name}: ${rule}`);
}

function ofObject({ kind, metadata: { namespace } }: Manifest): string[] {
  return [
    ...unless(CLUSTER_WIDE.includes(kind) || (namespace !== undefined && namespace !== 'default'), 'a namespace of its own'),
    ...unless(kind !== 'Secret', 'no secret in the tree'),
  ];
}

function ofPod(pod: PodSpec, serves: boolean): string[] {
  return [
    ...unless(pod.securityContext?.runAsNonRoot === true, 'not root'),
    ...unless(pod.securityContext?.seccompProfile?.type === 'RuntimeDefault', 'seccomp profile RuntimeDefault'),
    ...unless(pod.automountServiceAccountToken === false, 'no service account token'),
    ...unless(pod.serviceAccountName !== undefined && pod.serviceAccountName !== 'default', 'a service account of its own'),
    ...unless(pod.hostNetwork !== true, 'no host network'),
    ...[...pod.containers, ...(pod.initContainers ?? [])].flatMap((container) => ofContainer(container, serves)),
  ];
}

function ofContainer({ image, env = [], envFrom = [], securityContext, resources, livenessProbe, readinessProbe, startupProbe }: Container, serves: boolean): string[] {
  const tag = /:([^/@]+)$/.exec(image)?.[1];
  return [
    ...unless(image.includes('@sha256:') || (tag !== undefined && tag !== 'latest'), 'an image with a version'),
    ...unless(!env.some(({ valueFrom }) => valueFrom?.secretKeyRef) && !envFrom.some(({ secretRef }) => secretRef), 'no secret in an environment'),
    ...unless(securityContext?.allowPrivilegeEscalation === false && securityContext.privileged !== true, 'no privilege escalation'),
    ...unless(securityContext?.readOnlyRootFilesystem === true, 'read-only root file system'),
    ...unless(securityContext?.capabilities?.drop?.includes('ALL') === true, 'no capabilities'),
    ...unless(resources?.requests?.['cpu'] !== undefined && resources.requests['memory'] !== undefined, 'requests of CPU and memory'),
    ...unless(resources?.limits?.['memory'] !== undefined, 'a limit of memory'),
    ...unless(!serves || (livenessProbe !== undefined && readinessProbe !== undefined && startupProbe !== undefined), 'three probes'),
  ];
}

const unless = (holds: boolean, rule: string): string[] => (holds ? [] : [rule]);
