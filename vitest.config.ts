import { defineConfig } from "vitest/config";

const postgres = process.env["FLOW_TEST_DATABASE_URL"];

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: "unit",
          include: ["src/**/*.test.ts"],
          environment: "node",
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "house", include: ["test/house.test.ts"], environment: "node" } },
      {
        test: {
          name: "workers",
          include: ["test/workers/**/*.test.ts"],
          environment: "node",
          globalSetup: ["test/support/stack-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      ...(postgres
        ? [
            {
              test: {
                name: "postgres",
                include: ["test/postgres/**/*.test.ts"],
                environment: "node",
                testTimeout: 60_000,
                hookTimeout: 120_000,
              },
            },
          ]
        : []),
    ],
  },
});
