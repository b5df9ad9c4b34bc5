/** The address of a file that Node and the programs exchange: to fetch or to post. */
export const fileURL = (name: string) => new URL(`/files/${name}`, location.origin);

export async function post(name: string, body: Blob): Promise<URL> {
  const { ok, status } = await fetch(fileURL(name), { method: "POST", body });
  if (!ok) throw new Error(`post ${name}: ${status}`);
  return fileURL(name);
}
