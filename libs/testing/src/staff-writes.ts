/** @param openApi a service's committed document. @returns what staff can do with it beside reading, such as `POST /staff/things/{id}`, sorted. */
export function staffWrites(openApi: string): string[] {
  const { paths } = JSON.parse(openApi) as { paths: Record<string, Record<string, unknown>> };
  const all = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  return all.filter((write) => /^(?!GET|HEAD)\w+ \/staff\//.test(write)).toSorted();
}
