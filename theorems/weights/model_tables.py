"""What is known of the models of the transformers library by name: for machines that do not have it.

Found by building every model type of transformers 5.24 and reading the classes of its modules; where the library is
importable it is asked itself (`theorems.weights.model_classes`), and these tables are not used.
"""

from __future__ import annotations

import re

#: Last parts of the names of embeddings.  Not `embed_out` (GPT-NeoX), nor projections: those are linear.
_EMBEDDING_NAMES = (
    r"wte|wpe|shared|relative_attention_bias|tokens_embed|positions_embed|rel_attn_embed|bias_values"
    r"|embed_(in|tokens|positions|timestep|char|global|audio_tokens|text_tokens|tokens_per_layer)"
    r"|(tok|word|token|position|pos|segment|type|token_type|row|column|language|speaker|entity|rel|text|unit|freq|level"
    r"|distance|value|word_type|task_type|query|label|cls|tile|ngram|generation|absolute_pos)"
    r"(_\w+)?_(emb|embed|embedding|embeddings)(_\d)?"
    r"|(\w+_)?position_embeddings?|embeddings|emb|pos_embed|codebook|embedding"
)
EMBEDDING = re.compile(_EMBEDDING_NAMES)
#: Names that are an embedding's mostly.
PROBABLY_EMBEDDING = re.compile(r"(.*\.)?\w*(embed(ding)?s?|embedder)(_table|[_.]\d+)?", re.IGNORECASE)
#: Heads and projections whose rows may be a vocabulary: linear all the same.
HEAD = re.compile(r"(\w+_)?lm_head|embed_out|output|head|decoder|predictions|generator_lm_head|score|classifier")
#: Last parts of names that are linear wherever they occur.
LINEAR = re.compile(
    r"(\w+_)?(proj|projection|project|dense|linear|head|classifier|lin|fc)([_\d]\w*)?"
    r"|[qkvo]|[qkvor]_\w+|w[qkvio]?\d?|wi_[01]|(in|out|up|down|gate|x|dt)_proj\w*|query\w*|key\w*|value\w*|qkv|W\w+"
    r"|dense_\w+|c_\w+|score|pooler|decoder|output|lm_head|embed_out|out|reduction|pwconv\d|summary|mlp|ffn\w*"
)

#: Model types with Conv1D, which stores (in, out), and the last parts of the names of those modules.
CONV1D_TYPES = frozenset({"gpt2", "gpt-sw3", "openai-gpt", "imagegpt", "decision_transformer", "clvp"})
CONV1D = re.compile(r"c_attn|c_proj|c_fc|q_attn")

#: The attribute under which a model with a head has its body, where files on the hub leave it out.
BODIES = {
    "gpt2": "transformer", "gpt-sw3": "transformer", "openai-gpt": "transformer", "imagegpt": "transformer",
    "bloom": "transformer", "falcon": "transformer", "gptj": "transformer", "codegen": "transformer",
    "gpt_bigcode": "transformer", "gpt_neo": "transformer", "ctrl": "transformer", "gpt_neox": "gpt_neox",
    "bert": "bert", "roberta": "roberta", "xlm-roberta": "roberta", "camembert": "roberta", "distilbert": "distilbert",
    "albert": "albert", "electra": "electra", "deberta": "deberta", "deberta-v2": "deberta", "opt": "model",
    "llama": "model", "mistral": "model", "qwen2": "model", "qwen3": "model", "gemma": "model", "gemma2": "model",
    "phi": "model", "phi3": "model", "starcoder2": "model", "bart": "model", "whisper": "model",
    "mamba": "backbone", "mamba2": "backbone", "falcon_mamba": "backbone", "wav2vec2": "wav2vec2", "hubert": "hubert",
    "resnet": "resnet", "convnext": "convnext",
}  # fmt: skip
#: Model types whose names in files are those of their modules in every version of transformers, besides `BODIES`.
PLAIN = frozenset(BODIES) | {"t5", "mt5", "umt5", "mbart", "pegasus", "blenderbot", "clip", "falcon_h1", "gemma3_text",
                             "olmo", "olmo2", "stablelm", "cohere", "granite", "mpt", "m2m_100", "longt5"}  # fmt: skip
#: Model types whose modules have other names than their files, from some version of transformers on.
RENAMED = frozenset({
    "altclip", "aria", "audio-spectrogram-transformer", "audioflamingo3", "axk2", "aya_vision", "bailing_hybrid",
    "beit", "cohere_asr", "colqwen2", "conditional_detr", "cosmos3_edge", "cosmos3_omni", "d_fine", "deepseek_ocr2",
    "deepseek_v4", "deformable_detr", "deit", "detr", "dinov2", "dinov2_with_registers", "dinov3_convnext",
    "dinov3_vit", "dory", "dots3_note_audio_encoder", "dots3_note_vision_encoder", "emu3", "ernie4_5_vl_moe", "esm",
    "exaone", "fuyu", "gemma3", "gemma3n_text", "gemma4_unified", "glm5_next", "glm5_next_text", "glmasr",
    "got_ocr2", "gradium_phonon_tts", "granite_speech", "granite_speech_plus", "gte", "hrm_text", "hunyuan_vl",
    "hy_v3", "hy_v4", "hy_v4_vl", "hy_v4_vl_text", "hyperclovax_vision_v2", "ijepa", "inkling2", "inkling2_loop",
    "inkling2_loop_text", "inkling2_text", "inkling_mm_model", "internvl", "jev", "jina_embeddings_v3", "kimi_k25",
    "kimi_linear", "laguna", "lara_mini", "lfm3_vl_vision", "llava", "llava_next", "llava_next_video",
    "llava_onevision", "lw_detr", "maskformer", "mimi", "minimax_m3_vl", "mistral3", "mistral_large4",
    "mistral_large4_text", "mlcd", "mllama", "molmo2", "molmo2_text", "musicflamingo", "nemo_speechlm",
    "nemotron_h", "nomic_bert", "paddleocr_vl", "paligemma", "pi0", "pixio", "pp_chart2table", "pp_doclayout_v2",
    "pp_doclayout_v3", "pp_doclayout_v4", "qianfan_ocr", "qwen2_5_omni_thinker", "qwen2_audio", "qwen3_5_moe_text",
    "qwen3_5_text", "qwen3_vl_moe", "qwen4_exp_text", "radio", "rt_detr", "rt_detr_v2", "sam3_tracker",
    "sam3_tracker_video", "sapiens2", "sarvam_moe", "segformer", "shieldgemma2", "siglip", "siglip2",
    "step3p5_vision", "step3p7", "swin", "t5gemma2_encoder", "timesfm2_5", "timm_wrapper", "tipsv2", "tipsv2_dpt",
    "unlimited_ocr", "vibevoice_asr", "video_llava", "videomae", "vipllava", "vit", "vit_mae", "vit_msn", "vivit",
    "voxtral", "voxtral_realtime", "yolos",
})  # fmt: skip
#: Single modules of that kind.
RENAMED_MODULES = frozenset({("gpt_neox", "embed_out")})
#: Parts of a configuration that tell a model of several modalities: transformers has moved their modules.
SEVERAL = ("vision_config", "text_config", "audio_config")
#: Those of `SEVERAL` whose names have stayed.
UNMOVED = frozenset({"clip"})
#: Keys of a configuration that tell a mixture of experts.
EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
ROUTER = re.compile(r"gate|router|shared_expert_gate_router|layer")
#: Names of experts in files; and, with three axes, of stacks that no word tells.
STACK = re.compile(r"(input|output)_linear")
EXPERT = re.compile(r"(.*\.)?experts?\.(\d+\.)?\w+|.*\.block_sparse_moe\.(input_linear|output_linear|router\.layer)")

#: Model types whose experts transformers stacks: PEFT looks there for what files call so, and no longer finds modules
#: of these names, of dense layers say, but as parameters.
FUSED_TYPES = frozenset({
    "afmoe", "beam", "cohere2_moe", "deepseek_v2", "deepseek_v3", "deepseek_v32", "dots1", "ernie4_5_moe", "exaone_moe",
    "flex_olmo", "glm4_moe", "glm4_moe_lite", "glm4v_moe", "glm_moe_dsa", "hunyuan_v1_moe", "longcat_flash", "mellum",
    "minimax", "minimax_m2", "mixtral", "olmoe", "qwen2_moe", "qwen3_moe", "qwen3_next", "qwen3_omni_moe", "sarvam_mla",
    "solar_open",
})  # fmt: skip
RETARGETED = re.compile(r"gate|gate_proj|up_proj|down_proj|w[123]")

#: Model types in which PEFT refuses these modules (their kernels read the weights themselves).
MAMBA_TYPES = frozenset({"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"})
MAMBA_REFUSED = frozenset({"out_proj", "conv1d"})

#: Modules whose weights others read past them: (model type, last parts of their names).
PASSED_BY = {
    "mamba": re.compile(r"x_proj|dt_proj"), "falcon_mamba": re.compile(r"x_proj|dt_proj"),
    "jamba": re.compile(r"x_proj|dt_proj"), "mobilebert": re.compile(r"cls\.predictions\.dense"),
}  # fmt: skip
READ = "its weight is read past the module: PEFT would adapt it merged only (--linear takes it, for merging)"

#: Model types with linear layers of their own, quantised.
QUANTISED_TYPES = frozenset({"ibert"})
#: Embeddings whose positions are not their inputs: PEFT adapts them as parameters.
SHIFTED = re.compile(r"embed_positions|position_embeddings?")

#: Convolutions in groups, transposed ones, and bilinear layers, by the last parts of their names.
GROUPED = re.compile(r"conv_?1d|dw_?conv|depth_?wise\w*|spatial_conv|pos_conv\w*|token_conv")
TRANSPOSED = re.compile(r"\w*(deconv|transpose|upscale|upsampl|convtr\b|conv_t\d?\b)\w*")
BILINEAR = re.compile(r"\w*bilinear\w*")
#: Model types with convolutions in groups that have no name of their own.
GROUPED_TYPES = frozenset({"mgp-str", "omniasr_audio", "cvt", "regnet", "mobilenet_v1", "mobilenet_v2", "mobilevit",
                           "mobilevitv2", "hgnet_v2",
                           "data2vec-audio", "nystromformer", "squeezebert", "levit"})  # fmt: skip

#: Why a tied weight is left out.
TIED = "tied to {}: PEFT would adapt one use of it only, unless merged (--embedding takes it, for merging)"
#: Input embeddings that models tie to their heads, and architectures that have none.
INPUT = re.compile(r"w|wte|embed_tokens|embed_in|shared|tok_embeddings|tokens_embed|word_embeddings|embeddings")
HEADLESS = re.compile(r".*(?<!LMHead)Model|.*(Classification|Answering|Choice)")
HEADS = ("lm_head", "embed_out", "output", "vocab_projector", "generator_lm_head")


def is_passed_by(model_type: str, module: str) -> bool:
    """Whether the weight of a module is read past it, in models of the type."""
    pattern = PASSED_BY.get(model_type)
    return pattern is not None and bool(pattern.fullmatch(module) or pattern.fullmatch(module.rpartition(".")[2]))
