// What a request costs: a proof of work, or a harder captcha in its place.

// A proof of work that costs more than this many times the usual amount takes too long: a harder picture replaces it.
export const most = 32;
export const isPrice = (data) => !!data && !!(data.proof_of_work_required || data.harder_captcha_required);
export const isProvable = (data) =>
  !!data && !!data.proof_of_work_required && !data.harder_captcha_required && (data.cost || 1) <= most;

export async function prove({ prove, working }, cost, say) {
  const patience = setTimeout(() => say(working), 2000);
  try {
    return await (await import(prove)).prove(cost);
  } catch (_) {
    return "";
  } finally {
    clearTimeout(patience);
  }
}
