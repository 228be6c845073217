// A customer's program: with a token it finds its team, makes a project, and is told what is wrong.
import { createProject, listProjects, listTeams, type ProblemDocument, type Project } from "./api";
import { client } from "./api/client.gen";

declare const process: { env: Record<string, string | undefined>; exitCode?: number };

const { ORIGIN: baseUrl = "", TOKEN: auth = "" } = process.env;
client.setConfig({ baseUrl, auth });

function told(problem: ProblemDocument | undefined, type: string): ProblemDocument {
  if (problem?.type !== type) throw new Error(`expected ${type}: ${JSON.stringify(problem)}`);
  return problem;
}

async function main(): Promise<void> {
  const teams = await listTeams({ throwOnError: true, query: { limit: 1 } });
  const team_id = teams.data.items[0]!.id;

  const made = await createProject({
    path: { team_id },
    body: { name: "From TypeScript" },
    headers: { "Idempotency-Key": "typescript" },
  });
  if (made.error !== undefined) throw new Error(made.error.title);
  const project: Project = made.data;

  const found = await listProjects({
    throwOnError: true,
    path: { team_id },
    query: { search: "From TypeScript" },
  });
  if (found.data.items[0]?.id !== project.id) throw new Error("it is not in the list");

  const wrong = await createProject({ path: { team_id }, body: { name: "" } });
  const problem = told(wrong.error, "urn:problem:invalid-request");
  if (problem.errors?.[0]?.pointer !== "#/name") throw new Error(JSON.stringify(problem));

  const foreign = await listProjects({ path: { team_id: 999_999 } });
  told(foreign.error, "urn:problem:not-found");

  const unknown = await listTeams({ auth: "nobody" });
  told(unknown.error, "urn:problem:unauthenticated");
  console.log("called");
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
