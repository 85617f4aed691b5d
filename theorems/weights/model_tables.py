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
    "vit", "deit", "beit", "ijepa", "vit_mae", "vit_msn", "vivit", "audio-spectrogram-transformer", "dinov2",
    "dinov2_with_registers", "dinov3_vit", "swin", "segformer", "videomae", "yolos", "lw_detr", "detr",
    "conditional_detr",
    "deformable_detr", "rt_detr", "d_fine", "maskformer", "siglip", "siglip2", "mllama", "fuyu", "emu3", "esm",
    "nomic_bert", "radio", "molmo2", "sam3_tracker", "nemotron_h", "timm_wrapper", "exaone", "mimi",
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
EXPERT = re.compile(r"(.*\.)?experts?\.(\d+\.)?\w+|.*\.block_sparse_moe\.(input_linear|output_linear|router\.layer)")

#: Model types in which PEFT refuses these modules (their kernels read the weights themselves).
MAMBA_TYPES = frozenset({"falcon_h1", "mamba", "mamba2", "falcon_mamba", "nemotron_h"})
MAMBA_REFUSED = frozenset({"out_proj", "conv1d"})

#: Convolutions in groups, transposed ones, and bilinear layers, by the last parts of their names.
GROUPED = re.compile(r"conv_?1d|dw_?conv|depth_?wise\w*|spatial_conv|pos_conv\w*|token_conv")
TRANSPOSED = re.compile(r"\w*(deconv|transpose|upscale|upsampl|convtr\b|conv_t\d?\b)\w*")
BILINEAR = re.compile(r"\w*bilinear\w*")
#: Model types with convolutions in groups that have no name of their own.
GROUPED_TYPES = frozenset({"cvt", "regnet", "mobilenet_v1", "mobilenet_v2", "mobilevit", "mobilevitv2", "hgnet_v2",
                           "data2vec-audio", "nystromformer", "squeezebert", "levit"})  # fmt: skip

#: Why a tied weight is left out.
TIED = "tied to {}: PEFT would adapt one use of it only, unless merged (--embedding takes it, for merging)"
#: Input embeddings that models tie to their heads, and architectures that have none.
INPUT = re.compile(r"wte|embed_tokens|embed_in|shared|tok_embeddings|tokens_embed|word_embeddings|embeddings")
HEADLESS = re.compile(r".*(?<!LMHead)Model|.*(Classification|Answering|Choice)")
HEADS = ("lm_head", "embed_out", "output", "vocab_projector", "generator_lm_head")
