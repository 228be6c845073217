// Asks the service beside Django what others know of a project.
import { enrichProject } from "./service_api";

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const { ORIGIN: baseUrl = "", TOKEN: auth = "" } = process.env;

async function main(): Promise<void> {
  const known = await enrichProject({
    baseUrl,
    auth,
    throwOnError: true,
    path: { team_id: Number(process.env.TEAM), project_id: Number(process.env.PROJECT) },
  });
  const sources: string[] = [...Object.keys(known.data.facts), ...Object.keys(known.data.missing)];
  if (sources.length === 0) throw new Error("nobody was asked");
  console.log("called");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
