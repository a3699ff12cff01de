/** The one script of the hosted pages: it hands passkeys between the browser and IDENTITY. */
export const PASSKEY_SCRIPT = `
const show = (id) => document.getElementById(id);
const post = async (path, body) => {
  const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? "That did not work.");
  return answer.data;
};
const run = (button, work) => {
  const problem = show("passkey-problem");
  button.hidden = false;
  button.addEventListener("click", async () => {
    problem.hidden = true;
    button.disabled = true;
    try {
      await work();
    } catch (error) {
      problem.textContent = error.name === "NotAllowedError" ? "No passkey was used." : error.message;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
};
if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  const signIn = show("passkey");
  if (signIn) run(signIn, async () => {
    const { prefix } = signIn.dataset;
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await post(prefix + "/passkeys/sign-in/begin"));
    const credential = await navigator.credentials.get({ publicKey });
    await post(prefix + "/passkeys/sign-in/finish", { answer: credential.toJSON() });
    location.assign(signIn.dataset.continue);
  });
  const add = show("add-passkey");
  if (add) run(add, async () => {
    const { prefix } = add.dataset;
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post(prefix + "/passkeys/begin"));
    const credential = await navigator.credentials.create({ publicKey });
    await post(prefix + "/passkeys/finish", { answer: credential.toJSON(), name: show("passkey-name").value });
    location.reload();
  });
}
`;
